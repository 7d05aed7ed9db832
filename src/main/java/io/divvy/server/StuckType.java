package io.divvy.server;

/**
 * A task type whose code did not return.
 *
 * @param calls of it that are still away, each with a thread that is lost
 * @param isRefused whether they are as many as the type may have, so that no more tasks of it are taken
 */
public record StuckType(String name, int calls, boolean isRefused) {}
