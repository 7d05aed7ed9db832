@NullMarked
package io.divvy.recording;

import org.jspecify.annotations.NullMarked;
