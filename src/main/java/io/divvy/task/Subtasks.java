package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;

/** The subtasks of one task: a number of them, each made when it is asked for. */
public interface Subtasks {
    /** How many there are; 0 where there is nothing to do, which completes the task with the answer of no results. */
    long count();

    /**
     * What the worker gets for one of them.
     *
     * @param index from 0 to {@code count() - 1}
     */
    JsonNode payload(long index);
}
