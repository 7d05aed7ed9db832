package io.divvy.protocol;

/** What is said about an error stays short, however long what it is about: it has to fit into a frame, and into a log. */
public final class ErrorText {
    public static final int MAX_CHARS = 2_000;

    private ErrorText() {}

    public static String bounded(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }
}
