/**
 * The shapes of work that {@code divvy bench} measures, each beside what it is compared with in the same run. Its clients
 * are plain sockets: what is measured is the server, not this project's own client.
 */
@NullMarked
package io.divvy.bench;

import org.jspecify.annotations.NullMarked;
