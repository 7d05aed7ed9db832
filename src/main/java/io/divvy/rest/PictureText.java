package io.divvy.rest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the text of a picture may be in a result: {@code {"media_type":"image/png","base64":"…"}}, with exactly these fields, in
 * this order or the other. The two ends of a result say so; that there is nothing but base64 between them is still to be seen.
 *
 * @param from the first byte of the base64
 * @param to the byte behind it
 */
record PictureText(long from, long to) {
    /** Other types are not served as what they say: whoever may submit a task could put a page of HTML here. */
    static final String PNG = "image/png";

    /** Of each end of a result, what is looked at. */
    static final int END_BYTES = 256;

    private static final String TYPE = "\"media_type\"\\s*:\\s*\"image/png\"";
    private static final String BASE64 = "\"base64\"\\s*:\\s*\"";
    private static final Pattern BEGINS_WITH_TYPE = Pattern.compile("\\s*\\{\\s*" + TYPE + "\\s*,\\s*" + BASE64);
    private static final Pattern BEGINS_WITH_BASE64 = Pattern.compile("\\s*\\{\\s*" + BASE64);
    private static final Pattern ENDS_WITH_BASE64 = Pattern.compile("\"\\s*}\\s*\\z");
    private static final Pattern ENDS_WITH_TYPE = Pattern.compile("\"\\s*,\\s*" + TYPE + "\\s*}\\s*\\z");

    /** Whether it is worth to look at the other end. */
    static boolean mayBegin(ByteBuffer head) {
        String text = text(head);
        return BEGINS_WITH_TYPE.matcher(text).lookingAt()
                || BEGINS_WITH_BASE64.matcher(text).lookingAt();
    }

    /**
     * @param head the first bytes of the result, at most {@link #END_BYTES}
     * @param tail its last bytes, as many
     * @return null if it is no picture
     */
    static @Nullable PictureText of(ByteBuffer head, ByteBuffer tail, long length) {
        String begin = text(head);
        Matcher typeFirst = BEGINS_WITH_TYPE.matcher(begin);
        if (typeFirst.lookingAt()) {
            return between(typeFirst.end(), ENDS_WITH_BASE64, text(tail), length);
        }
        Matcher base64First = BEGINS_WITH_BASE64.matcher(begin);
        return base64First.lookingAt() ? between(base64First.end(), ENDS_WITH_TYPE, text(tail), length) : null;
    }

    private static @Nullable PictureText between(long from, Pattern end, String tail, long length) {
        Matcher found = end.matcher(tail);
        if (!found.find()) {
            return null;
        }
        long to = length - tail.length() + found.start();
        return to < from ? null : new PictureText(from, to);
    }

    /** Each byte as one character, so that places are the same. */
    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
    }
}
