package io.divvy.rest;

import java.nio.ByteBuffer;

/**
 * Writes each number of a JSON text as a string of the same characters, for clients whose numbers are doubles: JavaScript
 * reads 333333833333500000 as another number without a word. The text comes in pieces, and goes out in pieces; it is valid,
 * so it is enough to know where strings and numbers begin and end.
 */
final class QuotedNumbers implements BodyFilter {
    /** What one byte can lead to: the end of a number before it, and the beginning of another. */
    private static final int MOST_FOR_ONE = 3;

    private boolean isInString;
    private boolean isEscaped;
    private boolean isInNumber;

    /** All of a text at once. */
    static byte[] in(byte[] json) {
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(lengthOf(json)));
        QuotedNumbers numbers = new QuotedNumbers();
        ByteBuffer in = ByteBuffer.wrap(json);
        // There may be less room left than one byte could need.
        while (in.hasRemaining()) {
            numbers.put(in.get(), out);
        }
        numbers.end(out);
        return out.array();
    }

    private static long lengthOf(byte[] json) {
        Length length = new Length(new QuotedNumbers());
        length.add(ByteBuffer.wrap(json));
        return length.end();
    }

    @Override
    public void transfer(ByteBuffer in, ByteBuffer out) {
        while (in.hasRemaining() && out.remaining() >= MOST_FOR_ONE) {
            put(in.get(), out);
            if (isInString && !isEscaped) {
                copyPlain(in, out);
            }
        }
    }

    /** Most of a long text is inside of strings, and most of that means nothing to who looks for their ends. */
    private static void copyPlain(ByteBuffer in, ByteBuffer out) {
        int from = in.position();
        int end = from + Math.min(in.remaining(), out.remaining());
        int to = from;
        while (to < end && in.get(to) != '"' && in.get(to) != '\\') {
            to++;
        }
        out.put(out.position(), in, from, to - from);
        out.position(out.position() + to - from);
        in.position(to);
    }

    private void put(byte next, ByteBuffer out) {
        if (isInString) {
            if (isEscaped) {
                isEscaped = false;
            } else if (next == '\\') {
                isEscaped = true;
            } else if (next == '"') {
                isInString = false;
            }
        } else if (isInNumber) {
            if (!isOfNumber(next)) {
                isInNumber = false;
                out.put((byte) '"');
                isInString = next == '"';
            }
        } else if (next == '"') {
            isInString = true;
        } else if (next == '-' || isDigit(next)) {
            isInNumber = true;
            out.put((byte) '"');
        }
        out.put(next);
    }

    @Override
    public void end(ByteBuffer out) {
        if (isInNumber) {
            isInNumber = false;
            out.put((byte) '"');
        }
    }

    private static boolean isDigit(byte next) {
        return next >= '0' && next <= '9';
    }

    private static boolean isOfNumber(byte next) {
        return isDigit(next) || next == '.' || next == 'e' || next == 'E' || next == '+' || next == '-';
    }
}
