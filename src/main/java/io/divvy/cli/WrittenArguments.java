package io.divvy.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command line as it was written. The JVM reads it in the encoding of the locale, which is ASCII where {@code LANG} is not
 * set or is {@code C}: each byte of other text becomes U+FFFD without a word. So such arguments are read again, as
 * UTF-8, from where Linux keeps their bytes; elsewhere they are refused.
 */
final class WrittenArguments {
    /** What a decoder puts in the place of bytes that it cannot read. */
    private static final char LOST = '\uFFFD';

    private static final Path BYTES_OF_COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final String WHAT_TO_DO =
            "; write it as UTF-8, and set a locale that has UTF-8, such as LC_ALL=C.UTF-8";

    private WrittenArguments() {}

    /** @param decoded as the JVM gives them */
    static String[] of(String[] decoded) throws UsageException {
        return of(decoded, BYTES_OF_COMMAND_LINE);
    }

    /** @param bytes a file with all arguments of the process, each ended by a zero byte */
    static String[] of(String[] decoded, Path bytes) throws UsageException {
        String[] written = decoded.clone();
        byte @Nullable [][] last = null;
        for (int i = 0; i < decoded.length; i++) {
            if (decoded[i].indexOf(LOST) >= 0) {
                last = last == null ? lastArguments(bytes, decoded.length) : last;
                String text = last == null ? null : utf8(last[i]);
                if (text == null || !ascii(text).equals(ascii(decoded[i]))) {
                    throw new UsageException(
                            "argument " + decoded[i] + " cannot be read: it has bytes that are no text in"
                                    + " the encoding of this locale, " + encoding() + WHAT_TO_DO);
                }
                written[i] = text;
            }
        }
        return written;
    }

    /** Variables of the environment that were not read as they were written are no configuration. */
    static void requireReadable(Map<String, String> environment) throws UsageException {
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            if (variable.getKey().startsWith("DIVVY_") && variable.getValue().indexOf(LOST) >= 0) {
                throw new UsageException("environment variable " + variable.getKey()
                        + " cannot be read: it has bytes that are no text in the encoding of this locale, " + encoding()
                        + WHAT_TO_DO);
            }
        }
    }

    /** A file of that name, which the JVM can only reach if the locale has its letters. */
    static Path path(String name) throws UsageException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new UsageException(
                    "file name " + name + ": " + e.getReason() + "; files of such names are reached with a"
                            + " locale that has their letters, such as LC_ALL=C.UTF-8");
        }
    }

    /** Null if they are not kept there. */
    private static byte @Nullable [][] lastArguments(Path bytes, int count) {
        byte[] all;
        try {
            all = Files.readAllBytes(bytes);
        } catch (IOException e) {
            return null; // Not Linux, or no /proc: whoever asked is told that the argument cannot be read.
        }
        byte[][] last = new byte[count][];
        int end = all.length - 1;
        for (int i = count - 1; i >= 0; i--) {
            if (end < 0 || all[end] != 0) {
                return null;
            }
            int from = end;
            while (from > 0 && all[from - 1] != 0) {
                from--;
            }
            last[i] = Arrays.copyOfRange(all, from, end);
            end = from - 1;
        }
        return last;
    }

    private static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** What every encoding of a locale reads alike. */
    private static String ascii(String text) {
        return text.replaceAll("[^\\x00-\\x7F]", "");
    }

    private static String encoding() {
        return System.getProperty("sun.jnu.encoding", "unknown");
    }
}
