/** The task types that ship with Divvy. Their splitting and combining is cheap enough for the server's loop. */
@NullMarked
package io.divvy.task.builtin;

import org.jspecify.annotations.NullMarked;
