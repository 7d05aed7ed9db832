/**
 * Bytes only: one thread, one Selector, length-prefixed frames in and out. Nothing here knows what a frame says.
 *
 * <p>{@link io.divvy.net.EventLoop} is the server's side; {@link io.divvy.net.FrameSocket} is the blocking one that clients
 * use.
 */
@NullMarked
package io.divvy.net;

import org.jspecify.annotations.NullMarked;
