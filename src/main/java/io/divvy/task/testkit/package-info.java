/** What an author of a task type calls from a test to see that the type keeps its word. Needs no test framework. */
@NullMarked
package io.divvy.task.testkit;

import org.jspecify.annotations.NullMarked;
