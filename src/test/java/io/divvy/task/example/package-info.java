/** The task type that the documents show. */
@NullMarked
package io.divvy.task.example;

import org.jspecify.annotations.NullMarked;
