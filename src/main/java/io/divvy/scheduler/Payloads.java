package io.divvy.scheduler;

/** The payloads of a lease, ready to be sent. The core hands them on and never looks inside. */
public interface Payloads {}
