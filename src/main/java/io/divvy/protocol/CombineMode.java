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
    /** The result that is not null and has the lowest index; what lies above it is not needed. */
    FIRST,
    /** The result that is not null and comes first; not the same every time. */
    ANY,
    /** No answer but null. */
    NONE
}
