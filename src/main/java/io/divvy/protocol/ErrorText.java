package io.divvy.protocol;

/** What is said about an error stays short, however long what it is about: it has to fit into a frame, and into a log. */
public final class ErrorText {
    public static final int MAX_CHARS = 2_000;

    private ErrorText() {}

    /** Of what a worker says beside its message, this is kept: the end, where most languages say what it was. */
    public static final int MAX_DETAIL_CHARS = 2_000;

    public static String tail(String detail) {
        int from = detail.length() - MAX_DETAIL_CHARS;
        return from <= 0 ? detail : "…" + detail.substring(from);
    }

    public static String bounded(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }
}
