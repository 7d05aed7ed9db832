package io.divvy.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Turns a JSON string, however long, into the text that it holds, in UTF-8, piece by piece. */
final class JsonStringDecoder {
    private static final int HEX_DIGITS = 4;
    private static final int HEX = 16;

    private final InputStream json;
    private final OutputStream text;

    private JsonStringDecoder(InputStream json, OutputStream text) {
        this.json = json;
        this.text = text;
    }

    /**
     * Decodes up to the quote at the end.
     *
     * @param json buffered, behind the quote at the beginning
     * @param text buffered
     */
    static void decode(InputStream json, OutputStream text) throws IOException {
        new JsonStringDecoder(json, text).decode();
    }

    private void decode() throws IOException {
        for (int letter = next(); letter != '"'; letter = next()) {
            if (letter == '\\') {
                escape(next());
            } else {
                text.write(letter);
            }
        }
    }

    private void escape(int letter) throws IOException {
        switch (letter) {
            case 'b' -> text.write('\b');
            case 'f' -> text.write('\f');
            case 'n' -> text.write('\n');
            case 'r' -> text.write('\r');
            case 't' -> text.write('\t');
            case 'u' -> unicode(unit());
            default -> text.write(letter);
        }
    }

    /** @param unit of UTF-16; the other half of a pair follows as an escape of its own */
    private void unicode(char unit) throws IOException {
        String letter = String.valueOf(unit);
        if (Character.isHighSurrogate(unit)) {
            json.mark(2 + HEX_DIGITS);
            if (next() == '\\' && next() == 'u') {
                letter += unit();
            } else {
                json.reset(); // Half a pair, which no text has, becomes a question mark.
            }
        }
        text.write(letter.getBytes(StandardCharsets.UTF_8));
    }

    private char unit() throws IOException {
        int unit = 0;
        for (int i = 0; i < HEX_DIGITS; i++) {
            int digit = Character.digit(next(), HEX);
            if (digit < 0) {
                throw new IOException("the result is no JSON: \\u without four digits behind it");
            }
            unit = unit * HEX + digit;
        }
        return (char) unit;
    }

    private int next() throws IOException {
        int read = json.read();
        if (read < 0) {
            throw new EOFException("the result ended in the middle of a string");
        }
        return read;
    }
}
