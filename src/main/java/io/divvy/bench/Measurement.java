package io.divvy.bench;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one shape gave.
 *
 * @param value in {@code unit}
 * @param latencyNanos of what the shape says, or null
 * @param serverUse for one subtask, or null
 */
public record Measurement(
        String shape,
        double value,
        String unit,
        @Nullable Histogram latencyNanos,
        ServerUse.@Nullable Each serverUse,
        List<Comparison> comparisons) {}
