/** Where the truth survives: one port, and its adapters. */
@NullMarked
package io.divvy.store;

import org.jspecify.annotations.NullMarked;
