package io.divvy.recording;

import io.divvy.recording.RecordedTurn.Line;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Scheduler;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a recording again, turn by turn, and holds what the scheduler says now against what it said then. */
public final class Replay {
    private static final String INDENT = "  ";
    private static final String NOTHING = "nothing more";

    private final RecordingReader recording;
    private final Scheduler scheduler;
    private long turns;
    private long effects;
    private @Nullable Difference difference;
    private @Nullable String end;

    /**
     * The first one.
     *
     * @param line of the recording
     * @param recorded what stands there, or that there is nothing
     * @param now what should stand there by this version of the scheduler, or that there is nothing
     */
    public record Difference(int line, String recorded, String now) {}

    /**
     * @param recording may break off at any place
     * @throws RecordingException if this is no recording, or one of another format
     */
    public Replay(InputStream recording) throws IOException, RecordingException {
        this.recording = new RecordingReader(recording);
        this.scheduler = this.recording.header().newScheduler();
    }

    /** The first lines of the recording. */
    public List<String> headerLines() {
        return recording.headerLines();
    }

    /**
     * Runs the next turn. Returns its lines as they should stand in the recording, with what stands before it; null behind the
     * last one.
     */
    public @Nullable List<String> next() throws IOException, RecordingException {
        RecordedTurn turn = recording.nextTurn();
        if (turn == null) {
            return null;
        }
        turns++;
        List<String> outcome = run(turn);
        if (difference == null) {
            difference = compare(turn, outcome);
        }
        List<String> text = new ArrayList<>(turn.remarks());
        text.add(turn.line().text());
        outcome.forEach(line -> text.add(INDENT + line));
        return text;
    }

    /** The last lines of the recording, behind the last turn. */
    public List<String> endLines() throws IOException, RecordingException {
        List<String> text = new ArrayList<>(recording.takeRemarks());
        Line line = recording.end();
        if (line != null) {
            end = line.text().substring(TurnText.END.length());
            text.add(line.text());
        }
        text.addAll(recording.takeRemarks());
        return text;
    }

    /** Null as long as all is the same. */
    public @Nullable Difference difference() {
        return difference;
    }

    /** Events and ticks that were run. */
    public long turns() {
        return turns;
    }

    /** That they led to. */
    public long effects() {
        return effects;
    }

    /** Why the recording ends, as its last line says; null if it breaks off, or before {@link #endLines}. */
    public @Nullable String end() {
        return end;
    }

    private List<String> run(RecordedTurn turn) throws IOException {
        List<Effect> said;
        try {
            said = turn.event() == null ? scheduler.tick(turn.nowMs()) : scheduler.handle(turn.event(), turn.nowMs());
        } catch (RuntimeException | Error e) {
            // As it may have been then.
            return List.of(TurnText.REFUSAL + TurnText.refusal(e));
        }
        List<String> text = new ArrayList<>();
        for (Effect effect : said) {
            text.add(TurnText.EFFECT + TurnText.text(effect));
        }
        effects += said.size();
        return text;
    }

    private @Nullable Difference compare(RecordedTurn turn, List<String> now) throws RecordingException {
        List<Line> then = turn.outcome();
        for (int i = 0; i < Math.min(then.size(), now.size()); i++) {
            Line line = then.get(i);
            if (!line.text().equals(now.get(i)) && !canonical(line).equals(now.get(i))) {
                return new Difference(line.number(), line.text(), now.get(i));
            }
        }
        if (then.size() > now.size()) {
            Line line = then.get(now.size());
            return new Difference(line.number(), line.text(), NOTHING);
        }
        if (then.size() < now.size() && !recording.isBrokenOff()) {
            Line last = then.isEmpty() ? turn.line() : then.get(then.size() - 1);
            return new Difference(last.number() + 1, NOTHING, now.get(then.size()));
        }
        return null;
    }

    /** As it would be written, if it is an effect that somebody wrote by hand. */
    private static String canonical(Line line) throws RecordingException {
        if (!line.text().startsWith(TurnText.EFFECT)) {
            return line.text();
        }
        try {
            Effect effect = TurnText.effect(
                    line.text().substring(TurnText.EFFECT.length()).strip());
            return TurnText.EFFECT + TurnText.text(effect);
        } catch (IOException e) {
            throw new RecordingException(line.number(), String.valueOf(e.getMessage()), e);
        }
    }
}
