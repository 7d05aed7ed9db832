package io.divvy.server;

import io.divvy.scheduler.Answer;

/** The answer of a task, as JSON. Nobody changes the bytes. */
record JsonAnswer(byte[] json) implements Answer {}
