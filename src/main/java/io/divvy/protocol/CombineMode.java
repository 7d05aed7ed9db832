package io.divvy.protocol;

/** How the results of a task become its answer, where the task says so itself. */
public enum CombineMode {
    /** The results in index order; a failed index is null. */
    COLLECT,
    /** Numbers. */
    SUM,
    /** Numbers. */
    MIN,
    /** Numbers. */
    MAX,
    /** How many there are. */
    COUNT,
    /** Strings, or arrays. */
    CONCAT,
    /** Objects of numbers, added up by name. */
    MERGE_COUNTS,
    /** No answer but null. */
    NONE
}
