package io.divvy.scheduler;

/** The combined result of a task. The core hands it on and never looks inside. */
public interface Answer {}
