package io.divvy.server;

/** Who answers what other threads ask of the loop: all that there is to know of tasks and workers, and to do with them. */
record Desks(TaskDesk tasks, TaskList list, WorkerDesk workers) {}
