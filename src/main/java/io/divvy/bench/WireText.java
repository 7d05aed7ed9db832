package io.divvy.bench;

import java.io.IOException;

/** Finds what a benchmark's client needs in the text of a message, with no JSON library: as the clients of the peers do. */
final class WireText {
    private WireText() {}

    static boolean isOfType(String message, String type) {
        return message.startsWith("{\"type\":\"" + type + "\"");
    }

    static void expect(String message, String type) throws IOException {
        if (!isOfType(message, type)) {
            throw new IOException("expected a message of type " + type + ", got " + message);
        }
    }

    /** The value of the first field of that name, a whole number. */
    static long number(String message, String field) throws IOException {
        Numbers numbers = new Numbers(message, "\"" + field + "\":", 0);
        if (!numbers.next()) {
            throw new IOException("expected a field " + field + ", got " + message);
        }
        return numbers.value();
    }

    /** The text of the first field of that name. */
    static String text(String message, String field) throws IOException {
        String key = "\"" + field + "\":\"";
        int start = message.indexOf(key);
        if (start < 0) {
            throw new IOException("expected a field " + field + ", got " + message);
        }
        return message.substring(start + key.length(), message.indexOf('"', start + key.length()));
    }

    /** The payloads of an {@code assign}: numbers, or objects of which {@code start} counts. */
    static Numbers payloads(String assign) throws IOException {
        String key = "\"payloads\":[";
        int start = assign.indexOf(key);
        if (start < 0) {
            throw new IOException("expected payloads, got " + assign);
        }
        return assign.charAt(start + key.length()) == '{'
                ? new Numbers(assign, "\"start\":", start)
                : new Numbers(assign, ",", start + key.length());
    }

    /** The numbers of the array {@code result} of a {@code completed}. */
    static Numbers results(String completed) throws IOException {
        String key = "\"result\":[";
        int start = completed.indexOf(key);
        if (start < 0) {
            throw new IOException(
                    "expected an array of results, got " + completed.substring(0, Math.min(200, completed.length())));
        }
        return new Numbers(completed, ",", start + key.length());
    }

    /** Whole numbers that stand behind the same text each; where that is a comma, the first stands at the start. */
    static final class Numbers {
        private final String text;
        private final String before;
        private int at;
        private long value;

        private Numbers(String text, String before, int start) {
            this.text = text;
            this.before = before;
            this.at = before.equals(",") ? start - 1 : start;
        }

        boolean next() {
            if (before.equals(",")) {
                if (at >= 0 && at < text.length() && text.charAt(at) == ']') {
                    return false;
                }
                at++;
            } else {
                at = text.indexOf(before, at);
                if (at < 0) {
                    at = text.length();
                    return false;
                }
                at += before.length();
            }
            boolean negative = text.charAt(at) == '-';
            if (negative) {
                at++;
            }
            long number = 0;
            for (char digit = text.charAt(at); digit >= '0' && digit <= '9'; digit = text.charAt(at)) {
                number = 10 * number + (digit - '0');
                at++;
            }
            value = negative ? -number : number;
            return true;
        }

        long value() {
            return value;
        }
    }
}
