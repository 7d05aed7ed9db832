/** The command line. The only place that reads the environment, and the only one that exits. */
@NullMarked
package io.divvy.cli;

import org.jspecify.annotations.NullMarked;
