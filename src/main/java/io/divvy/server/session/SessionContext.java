package io.divvy.server.session;

import io.divvy.net.EventLoop;

/** What every session needs. */
record SessionContext(Core core, Tasks tasks, WorkerDoors doors, EventLoop loop, SessionTerms terms) {}
