package io.divvy.server;

import io.divvy.net.LoopGauges;

/**
 * How full the server is at one moment.
 *
 * @param workers that are connected
 * @param openTasks that are not finished, those that wait to be accepted included
 * @param waitingSubmissions that were not answered yet
 * @param watchers that wait to hear how a task goes on
 * @param memory what all of that takes
 */
public record ServerGauges(
        LoopGauges loop, int workers, int openTasks, int waitingSubmissions, int watchers, MemoryGauges memory) {}
