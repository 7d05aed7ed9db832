package io.divvy.bench;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one shape gave. What is not known of all shapes is added by name.
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
        List<Comparison> comparisons) {

    static Measurement of(String shape, double value, String unit) {
        return new Measurement(shape, value, unit, null, null, List.of());
    }

    Measurement withLatency(Histogram nanos) {
        return new Measurement(shape, value, unit, nanos, serverUse, comparisons);
    }

    Measurement withServerUse(ServerUse.@Nullable Each use) {
        return new Measurement(shape, value, unit, latencyNanos, use, comparisons);
    }

    Measurement withComparisons(List<Comparison> others) {
        return new Measurement(shape, value, unit, latencyNanos, serverUse, others);
    }

    Measurement withComparisons(Comparison... others) {
        return withComparisons(List.of(others));
    }
}
