package io.divvy.recording;

/** A line of a recording cannot be read. The message names the line, and says what was expected. */
public final class RecordingException extends Exception {
    private static final long serialVersionUID = 1;

    RecordingException(int line, String message) {
        super("line " + line + ": " + message);
    }

    RecordingException(int line, String message, Throwable cause) {
        super("line " + line + ": " + message, cause);
    }
}
