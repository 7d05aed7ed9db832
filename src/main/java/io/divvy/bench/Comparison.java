package io.divvy.bench;

import org.jspecify.annotations.Nullable;

/**
 * What was measured, beside what it is held against.
 *
 * @param what is compared with what, for people
 * @param reference the other's figure, in the unit of {@code measured}
 * @param value measured divided by reference, or measured itself where the target is a figure
 * @param target the least or the most that is good enough; null where there is none
 */
public record Comparison(
        String what,
        double reference,
        double value,
        @Nullable Target target) {
    /** How good is good enough. */
    public record Target(double bound, boolean isLeast) {
        boolean isReachedBy(double value) {
            return isLeast ? value >= bound : value <= bound;
        }

        static Target atLeast(double bound) {
            return new Target(bound, true);
        }

        static Target atMost(double bound) {
            return new Target(bound, false);
        }

        @Override
        public String toString() {
            return (isLeast ? "≥ " : "≤ ") + bound;
        }
    }

    static Comparison ratio(String what, double measured, double reference, @Nullable Target target) {
        return new Comparison(what, reference, measured / reference, target);
    }

    /** A ratio that was made of several, each measured side by side. */
    static Comparison paired(String what, double reference, double ratio, Target target) {
        return new Comparison(what, reference, ratio, target);
    }

    /** The median of the ratios, each of two rounds that follow each other. */
    static Comparison ofRounds(String what, double[] measured, double[] references, @Nullable Target target) {
        double[] ratios = new double[measured.length];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = measured[round] / references[round];
        }
        return new Comparison(what, Rounds.median(references), Rounds.median(ratios), target);
    }

    static Comparison figure(String what, double measured, @Nullable Target target) {
        return new Comparison(what, Double.NaN, measured, target);
    }

    public boolean isReached() {
        return target == null || target.isReachedBy(value);
    }
}
