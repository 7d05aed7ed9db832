/**
 * What the author of a task type implements: how a computation is split, what one subtask does, and how the results become
 * one answer.
 */
@NullMarked
package io.divvy.task;

import org.jspecify.annotations.NullMarked;
