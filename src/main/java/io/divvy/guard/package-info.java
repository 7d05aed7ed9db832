/** Runs code that is not ours, such as that of task types, so that nothing it does is anybody else's harm. */
@NullMarked
package io.divvy.guard;

import org.jspecify.annotations.NullMarked;
