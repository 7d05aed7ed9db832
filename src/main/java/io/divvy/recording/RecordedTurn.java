package io.divvy.recording;

import io.divvy.scheduler.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A turn of a scheduler, as it stands in a recording.
 *
 * @param remarks lines before it, or among the effects of the turn before, that are comments or blank
 * @param line the line with the event or the tick
 * @param nowMs what the scheduler was told, since the epoch
 * @param event what it was told, or null if only that time had come
 * @param outcome the lines with its effects, or the one with its refusal
 */
record RecordedTurn(
        List<String> remarks,
        Line line,
        long nowMs,
        @Nullable Event event,
        List<Line> outcome) {

    /** @param number from 1 */
    record Line(int number, String text) {}
}
