package io.divvy.server;

import io.divvy.net.EventLoop;

/** What every session needs. */
record SessionContext(
        SchedulerDriver driver,
        TaskDesk desk,
        WorkerDoors doors,
        EventLoop loop,
        ServerLimits limits,
        String serverName) {}
