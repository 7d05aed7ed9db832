package io.divvy.scheduler.world;

import io.divvy.scheduler.Answer;

/**
 * The combined result of a simulated task.
 *
 * @param bits of the sum, of the ordered fold, or of the result that was found
 * @param index of the result that was found, or -1
 */
record SimulatedAnswer(String kind, long bits, long index) implements Answer {
    static SimulatedAnswer sum(long sum) {
        return new SimulatedAnswer("sum", sum, -1);
    }

    static SimulatedAnswer ordered(double folded) {
        return new SimulatedAnswer("ordered", Double.doubleToRawLongBits(folded), -1);
    }

    static SimulatedAnswer found(long index, long result) {
        return new SimulatedAnswer("found", result, index);
    }

    static SimulatedAnswer nothingFound() {
        return new SimulatedAnswer("nothing found", 0, -1);
    }
}
