/**
 * The task types that ship with Divvy. Their splitting is cheap enough for the server's loop, and so is their combining, but
 * for the end of a large picture: {@link io.divvy.task.builtin.Mandelbrot} compresses up to 16 million pixels in one go.
 */
@NullMarked
package io.divvy.task.builtin;

import org.jspecify.annotations.NullMarked;
