package io.divvy.recording;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Recordings as strings. */
final class Text {
    private Text() {}

    /** The recording with the effects that its events lead to now, whatever stands there. */
    static String rewritten(String recording) throws IOException, RecordingException {
        Replay replay = replay(recording);
        List<String> lines = new ArrayList<>(replay.headerLines());
        for (List<String> turn = replay.next(); turn != null; turn = replay.next()) {
            lines.addAll(turn);
        }
        lines.addAll(replay.endLines());
        return String.join("\n", lines) + "\n";
    }

    /** The recording, run to its end. */
    static Replay replayed(String recording) throws IOException, RecordingException {
        Replay replay = replay(recording);
        while (replay.next() != null) {
            // Only what comes of it is looked at.
        }
        replay.endLines();
        return replay;
    }

    private static Replay replay(String recording) throws IOException, RecordingException {
        InputStream bytes = new ByteArrayInputStream(recording.getBytes(StandardCharsets.UTF_8));
        return new Replay(bytes);
    }
}
