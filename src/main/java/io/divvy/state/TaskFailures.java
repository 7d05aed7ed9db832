package io.divvy.state;

import java.util.List;

/**
 * What is remembered of the failed attempts of one task.
 *
 * @param kinds in the order in which they were first met
 * @param ofOtherKinds attempts of more kinds than are told apart
 * @param attempts the last failed one of each subtask, in the order of their indexes
 * @param dropped failed attempts that are not among them for want of memory
 */
public record TaskFailures(List<FailureKind> kinds, long ofOtherKinds, List<FailedAttempt> attempts, long dropped) {}
