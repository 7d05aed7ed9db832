/** Stories about the core: events in, effects out, and the invariants hold after every one of them. */
@NullMarked
package io.divvy.scheduler;

import org.jspecify.annotations.NullMarked;
