package io.divvy.scheduler;

/** What every part of the core works with: its bounds, its deadlines, and the turn that runs. */
record CoreContext(Limits limits, Timers timers, Outbox outbox) {}
