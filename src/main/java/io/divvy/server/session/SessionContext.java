package io.divvy.server.session;

import io.divvy.net.Timeline;

/** What every session needs. */
record SessionContext(Core core, Tasks tasks, WorkerDoors doors, Timeline loop, SessionTerms terms) {}
