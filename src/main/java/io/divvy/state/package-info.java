/**
 * What is known of a task, as values: the core makes them, the store keeps them, the server shows them. Nothing here does
 * anything.
 */
@NullMarked
package io.divvy.state;

import org.jspecify.annotations.NullMarked;
