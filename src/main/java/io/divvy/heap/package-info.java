/** How the memory of the process is shared out among what its clients can make grow. */
@NullMarked
package io.divvy.heap;

import org.jspecify.annotations.NullMarked;
