package io.divvy.rest;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Decodes base64 that comes in pieces, and sees whether it is base64, by the rules of {@link java.util.Base64#getDecoder}. */
final class Base64Bytes implements BodyFilter {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final byte NONE_OF_IT = -1;
    private static final byte[] VALUES = new byte[256];
    private static final int MOST_PADDING = 2;

    static {
        Arrays.fill(VALUES, NONE_OF_IT);
        for (int value = 0; value < ALPHABET.length(); value++) {
            VALUES[ALPHABET.charAt(value)] = (byte) value;
        }
    }

    private int bits;
    private int bitCount;
    private long characters;
    private long padding;
    private boolean isWrong;

    @Override
    public void transfer(ByteBuffer in, ByteBuffer out) {
        while (in.hasRemaining() && out.hasRemaining()) {
            byte next = in.get();
            int value = VALUES[next & 0xff];
            if (next == '=') {
                padding++;
            } else if (value == NONE_OF_IT || padding > 0) {
                isWrong = true;
            } else {
                characters++;
                bits = bits << 6 | value;
                bitCount += 6;
                if (bitCount >= 8) {
                    bitCount -= 8;
                    out.put((byte) (bits >>> bitCount));
                }
            }
        }
    }

    @Override
    public void end(ByteBuffer out) {
        // What is left of the last character is no byte.
    }

    /** Whether all that was transferred is base64. */
    boolean isBase64() {
        return !isWrong
                && characters % 4 != 1
                && (padding == 0 || padding <= MOST_PADDING && (characters + padding) % 4 == 0);
    }
}
