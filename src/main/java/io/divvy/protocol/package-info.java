/**
 * The messages of both dialects, and how they are read from bytes and written to them. The rules stand in {@code
 * src/docs/protocol.md}.
 *
 * <p>A message that breaks a rule is a {@link io.divvy.protocol.ProtocolException} with the code that goes back on the
 * wire and a text that names the field and what was expected.
 */
@NullMarked
package io.divvy.protocol;

import org.jspecify.annotations.NullMarked;
