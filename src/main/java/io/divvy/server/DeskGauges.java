package io.divvy.server;

/**
 * What the task desk has to do with at one moment.
 *
 * @param openTasks that are not finished, those that wait to be accepted included
 * @param waitingSubmissions that were not answered yet
 * @param watchers that wait to hear how a task goes on
 */
public record DeskGauges(int openTasks, int waitingSubmissions, int watchers) {}
