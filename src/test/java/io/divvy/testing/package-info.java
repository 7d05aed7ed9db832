/** What several tests need: a clock that is turned by hand, a real server, and the other end of its connections. */
@NullMarked
package io.divvy.testing;

import org.jspecify.annotations.NullMarked;
