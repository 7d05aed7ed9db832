package io.divvy.recording;

import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.TurnObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what a scheduler is told and what it says. It never throws: what keeps it from writing ends the recording, with
 * one warning in the log, and whoever runs the scheduler goes on.
 *
 * <p>One thread calls it, the one that calls the scheduler.
 */
public final class Recorder implements TurnObserver {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
    /** A line that was longer is not what the buffer is kept for. */
    private static final int USUAL_BYTES = 1 << 20;
    /** For the line that says why the recording ends. */
    static final int END_BYTES = 512;

    private final Sink sink;
    private final long mostBytes;
    private final RecordingHeader header;
    private ByteArrayOutputStream turn = new ByteArrayOutputStream();
    /** That were written; 0 until something happens: a scheduler that never gets to anything leaves no recording. */
    private long bytes;

    private boolean ended;

    /** Where the text goes. */
    interface Sink {
        /** Takes all of it or throws. */
        void write(ByteArrayOutputStream text) throws IOException;

        /** The same, of the last line. Does not wait until it is written. */
        void end(ByteArrayOutputStream text) throws IOException;

        /** Waits until all is written, but no longer than that. */
        void close(long withinMs);
    }

    private Recorder(Sink sink, long mostBytes, RecordingHeader header) {
        this.sink = sink;
        this.mostBytes = mostBytes;
        this.header = header;
    }

    /** Records into the file, up to its size. */
    public static Recorder into(RecordingFile file, RecordingHeader header) {
        return new Recorder(file, file.mostBytes(), header);
    }

    /** Records into the stream, on the thread that calls, without a bound. The end of the recording closes it. */
    public static Recorder into(OutputStream stream, RecordingHeader header) {
        return new Recorder(new Stream(stream), Long.MAX_VALUE, header);
    }

    @Override
    public void turn(long nowMs, @Nullable Event event, List<Effect> effects) {
        write(() -> {
            begin(nowMs, event);
            for (Effect effect : effects) {
                add("  " + TurnText.EFFECT);
                TurnText.write(effect, turn);
                turn.write('\n');
            }
        });
    }

    @Override
    public void refused(long nowMs, @Nullable Event event, Throwable why) {
        write(() -> {
            begin(nowMs, event);
            add("  " + TurnText.REFUSAL + TurnText.refusal(why) + "\n");
        });
    }

    /** Nothing is recorded from now on. The last line says why, unless there is one already. */
    public void end(String why) {
        if (ended) {
            return;
        }
        ended = true;
        try {
            startText();
            add(TurnText.END + why + "\n");
            sink.end(turn);
        } catch (IOException | RuntimeException | Error e) {
            LOG.debug("the recording has no last line: {}", e.toString());
        }
    }

    /**
     * Nothing is recorded from now on, and what was is written when this returns, unless that takes longer.
     *
     * @param why the last line says, unless there is one already
     */
    public void close(String why, long withinMs) {
        end(why);
        sink.close(withinMs);
    }

    private void startText() {
        turn.reset();
        if (bytes == 0) {
            add(HeaderText.of(header) + "\n");
        }
    }

    private void begin(long nowMs, @Nullable Event event) throws IOException {
        add(TurnText.TURN + (nowMs - header.startMs()) + " ");
        if (event == null) {
            add(TurnText.TICK);
        } else {
            TurnText.write(event, turn);
        }
        turn.write('\n');
    }

    private void add(String text) {
        turn.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private interface Text {
        void make() throws IOException;
    }

    private void write(Text text) {
        if (ended) {
            return;
        }
        try {
            startText();
            text.make();
            if (bytes + turn.size() > mostBytes - END_BYTES) {
                stop("it has reached its size of " + mostBytes + " bytes");
                return;
            }
            sink.write(turn);
            bytes += turn.size();
            if (turn.size() > USUAL_BYTES) {
                turn = new ByteArrayOutputStream();
            }
        } catch (IOException | RuntimeException | Error e) {
            stop(e);
        }
    }

    private void stop(Throwable cause) {
        try {
            stop(cause instanceof IOException ? String.valueOf(cause.getMessage()) : cause.toString());
        } catch (RuntimeException | Error e) {
            ended = true; // For want of memory, say: nobody can be told, and the server goes on.
        }
    }

    private void stop(String why) {
        end(why);
        LOG.warn("the recording ends here, and the server goes on: {}", why);
    }

    /** Where nobody minds to wait. */
    private record Stream(OutputStream to) implements Sink {
        @Override
        public void write(ByteArrayOutputStream text) throws IOException {
            text.writeTo(to);
        }

        @Override
        public void end(ByteArrayOutputStream text) throws IOException {
            try (to) {
                text.writeTo(to);
            }
        }

        @Override
        public void close(long withinMs) {}
    }
}
