/**
 * Attacks on a real server, each beside a sender and a worker that mean well. {@code AttacksIT} runs them in the profile
 * {@code attacks}; {@code src/docs/reliability.md} has figures.
 */
@NullMarked
package io.divvy.attack;

import org.jspecify.annotations.NullMarked;
