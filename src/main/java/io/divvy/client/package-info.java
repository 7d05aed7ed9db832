/**
 * The library for senders: submit a task over TCP, wait for it, see how it goes on, cancel it. Begin with
 * {@link io.divvy.client.DivvyClient}.
 */
@NullMarked
package io.divvy.client;

import org.jspecify.annotations.NullMarked;
