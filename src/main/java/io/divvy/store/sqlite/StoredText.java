package io.divvy.store.sqlite;

import java.util.Locale;

/**
 * Text as it goes into a column. A database keeps Unicode without the character 0, and what people send may be neither: half
 * a surrogate pair is a valid JSON string. Such characters are written as U+001A and four hexadecimal digits, and so is U+001A.
 */
final class StoredText {
    private static final char ESCAPE = '\u001a';
    private static final int DIGITS = 4;
    private static final int HEXADECIMAL = 16;

    private StoredText() {}

    static String escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isEscaped(text, i)) {
                return escapeFrom(text, i);
            }
        }
        return text;
    }

    private static String escapeFrom(String text, int first) {
        StringBuilder escaped = new StringBuilder(text.length() + DIGITS).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            if (isEscaped(text, i)) {
                escaped.append(ESCAPE).append(String.format(Locale.ROOT, "%04x", (int) text.charAt(i)));
            } else {
                escaped.append(text.charAt(i));
            }
        }
        return escaped.toString();
    }

    private static boolean isEscaped(String text, int position) {
        char character = text.charAt(position);
        if (Character.isHighSurrogate(character)) {
            return position + 1 == text.length() || !Character.isLowSurrogate(text.charAt(position + 1));
        }
        if (Character.isLowSurrogate(character)) {
            return position == 0 || !Character.isHighSurrogate(text.charAt(position - 1));
        }
        return character == 0 || character == ESCAPE;
    }

    static String unescape(String stored) {
        int next = stored.indexOf(ESCAPE);
        if (next < 0) {
            return stored;
        }
        StringBuilder text = new StringBuilder(stored.length());
        int done = 0;
        for (; next >= 0; next = stored.indexOf(ESCAPE, done)) {
            int end = next + 1 + DIGITS;
            text.append(stored, done, next)
                    .append((char) Integer.parseInt(stored.substring(next + 1, end), HEXADECIMAL));
            done = end;
        }
        return text.append(stored, done, stored.length()).toString();
    }
}
