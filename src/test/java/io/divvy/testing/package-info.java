/** What tests of several packages start and talk to: a whole server, a small worker, the contract of the HTTP door. */
@NullMarked
package io.divvy.testing;

import org.jspecify.annotations.NullMarked;
