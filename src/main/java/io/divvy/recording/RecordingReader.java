package io.divvy.recording;

import io.divvy.recording.RecordedTurn.Line;
import io.divvy.scheduler.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a recording, one turn after the other, up to its last whole line. */
final class RecordingReader {
    /** What is no recording may be one line, however long it is. */
    private static final int MOST_HEADER_CHARS = 1 << 16;

    private final BufferedReader in;
    private final Line headerLine;
    private final RecordingHeader header;
    private final List<String> remarksBeforeHeader;

    private List<String> remarks = new ArrayList<>();
    private @Nullable Line next;
    private int lines;

    RecordingReader(InputStream recording) throws IOException, RecordingException {
        in = new BufferedReader(new InputStreamReader(recording, StandardCharsets.UTF_8));
        Line first = nextButRemarks(MOST_HEADER_CHARS);
        headerLine = first == null ? new Line(1, "") : first;
        header = HeaderText.read(headerLine);
        remarksBeforeHeader = takeRemarks();
        next = nextButRemarks(Integer.MAX_VALUE);
    }

    RecordingHeader header() {
        return header;
    }

    /** The header as it stands there, with the remarks before it. */
    List<String> headerLines() {
        List<String> all = new ArrayList<>(remarksBeforeHeader);
        all.add(headerLine.text());
        return all;
    }

    /** Null behind the last one. */
    @Nullable
    RecordedTurn nextTurn() throws IOException, RecordingException {
        Line line = next;
        if (line == null || isEnd(line)) {
            return null;
        }
        if (!line.text().startsWith(TurnText.TURN)) {
            throw new RecordingException(
                    line.number(),
                    "expected a turn, as \"" + TurnText.TURN + "150 " + TurnText.TICK + "\" or \"" + TurnText.TURN
                            + "150 WorkerLeft {…}\", or an effect behind one, as \"  " + TurnText.EFFECT
                            + "Assign {…}\", got \"" + line.text() + "\"");
        }
        int space = line.text().indexOf(' ');
        long nowMs = header.startMs() + afterMs(line, space);
        Event event = event(line, line.text().substring(space + 1).strip());
        List<String> before = takeRemarks();
        List<Line> outcome = new ArrayList<>();
        next = nextButRemarks(Integer.MAX_VALUE);
        while (next != null && isOutcome(next)) {
            outcome.add(new Line(next.number(), next.text().strip()));
            next = nextButRemarks(Integer.MAX_VALUE);
        }
        return new RecordedTurn(before, line, nowMs, event, outcome);
    }

    /** Behind the last turn, the line that says why the recording ends; null if there is none. */
    @Nullable
    Line end() throws IOException, RecordingException {
        Line end = next;
        if (end == null) {
            return null;
        }
        Line behind = nextButRemarks(Integer.MAX_VALUE);
        if (behind != null) {
            throw new RecordingException(
                    behind.number(), "expected nothing behind \"" + end.text() + "\", got \"" + behind.text() + "\"");
        }
        return end;
    }

    /** Whether nothing but the end is left, so that the turn that was read last may lack some of its effects. */
    boolean isBrokenOff() {
        return next == null;
    }

    /** Behind the last turn, those that stand there. */
    List<String> takeRemarks() {
        List<String> taken = remarks;
        remarks = new ArrayList<>();
        return taken;
    }

    private static long afterMs(Line line, int space) throws RecordingException {
        try {
            return Long.parseLong(line.text(), TurnText.TURN.length(), Math.max(space, TurnText.TURN.length()), 10);
        } catch (NumberFormatException e) {
            throw new RecordingException(
                    line.number(),
                    "expected " + TurnText.TURN
                            + ", the milliseconds since the start, a space, and what happened, got \"" + line.text()
                            + "\"",
                    e);
        }
    }

    private static @Nullable Event event(Line line, String text) throws RecordingException {
        if (text.equals(TurnText.TICK)) {
            return null;
        }
        try {
            return TurnText.event(text);
        } catch (IOException e) {
            throw new RecordingException(line.number(), String.valueOf(e.getMessage()), e);
        }
    }

    private static boolean isOutcome(Line line) {
        String text = line.text().strip();
        return text.startsWith(TurnText.EFFECT) || text.startsWith(TurnText.REFUSAL);
    }

    private static boolean isEnd(Line line) {
        return line.text().startsWith(TurnText.END);
    }

    private static boolean isRemark(Line line) {
        return line.text().isBlank() || line.text().strip().startsWith(TurnText.REMARK);
    }

    private @Nullable Line nextButRemarks(int mostChars) throws IOException, RecordingException {
        Line line = nextLine(mostChars);
        while (line != null && isRemark(line)) {
            remarks.add(line.text());
            line = nextLine(mostChars);
        }
        return line;
    }

    /** Null if there is no whole one left. */
    private @Nullable Line nextLine(int mostChars) throws IOException, RecordingException {
        StringBuilder text = new StringBuilder();
        for (int read = in.read(); read >= 0; read = in.read()) {
            if (read == '\n') {
                lines++;
                return new Line(lines, text.toString());
            }
            if (read != '\r') {
                text.append((char) read);
            }
            if (text.length() > mostChars) {
                throw new RecordingException(lines + 1, "this is no recording: the line is too long for a first one");
            }
        }
        return null;
    }
}
