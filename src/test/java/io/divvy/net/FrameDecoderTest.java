package io.divvy.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
    private static final int MAX_FRAME_BYTES = 4 << 20;

    private final FrameDecoder decoder = new FrameDecoder(MAX_FRAME_BYTES);
    private final List<String> frames = new ArrayList<>();

    private void feed(byte... bytes) throws FrameException {
        feed(bytes, 0, bytes.length);
    }

    private void feed(byte[] bytes, int offset, int length) throws FrameException {
        decoder.feed(bytes, offset, length, (frame, from, size) -> {
            frames.add(new String(frame, from, size, StandardCharsets.UTF_8));
            return true;
        });
    }

    private static byte[] stream(String... texts) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            stream.writeBytes(header(bytes.length));
            stream.writeBytes(bytes);
        }
        return stream.toByteArray();
    }

    private static byte[] header(int length) {
        return ByteBuffer.allocate(4).putInt(length).array();
    }

    @Test
    void aFrameThatComesByteByByteIsWholeAtItsLastByte() throws FrameException {
        byte[] stream = stream("{}", "é", "{\"a\":1}");
        for (byte next : stream) {
            feed(next);
        }
        assertEquals(List.of("{}", "é", "{\"a\":1}"), frames);
        assertFalse(decoder.isInsideFrame());
    }

    @Test
    void manyFramesInOneReadComeOutInOrder() throws FrameException {
        String[] texts = new String[1_000];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "frame " + i;
        }
        feed(stream(texts));
        assertEquals(List.of(texts), frames);
    }

    @Test
    void bytesOutsideOfTheGivenRangeAreNotTouched() throws FrameException {
        byte[] stream = stream("left", "middle", "right");
        feed(stream, 8, 10);
        assertEquals(List.of("middle"), frames);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void anySplitOfTheStreamGivesTheSameFrames(long seed) throws FrameException {
        SplittableRandom random = new SplittableRandom(seed);
        String[] texts = new String[200];
        for (int i = 0; i < texts.length; i++) {
            int size = random.nextInt(10) == 0 ? random.nextInt(1, 200_000) : random.nextInt(1, 40);
            texts[i] = String.valueOf((char) ('a' + i % 26)).repeat(size);
        }
        byte[] stream = stream(texts);
        for (int at = 0; at < stream.length; ) {
            int most = random.nextBoolean() ? 6 : 70_000;
            int length = Math.min(stream.length - at, random.nextInt(1, most));
            feed(stream, at, length);
            at += length;
        }
        assertEquals(List.of(texts), frames);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void aLengthThatIsZeroOrNegativeIsRefused(int length) {
        FrameException refused = assertThrows(FrameException.class, () -> feed(header(length)));
        assertFalse(refused.isTooLarge());
        assertEquals(
                "a frame's length is " + Integer.toUnsignedString(length)
                        + "; expected 1 to 4194304 as a 4-byte big-endian number",
                refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {MAX_FRAME_BYTES + 1, Integer.MAX_VALUE})
    void aLengthOverTheLimitIsRefusedAtItsHeader(int length) {
        byte[] header = header(length);
        FrameException refused = assertThrows(FrameException.class, () -> {
            for (byte next : header) {
                feed(next);
            }
        });
        assertTrue(refused.isTooLarge());
        assertEquals(
                String.format(Locale.ROOT, "a frame of %,d bytes is too large; at most 4,194,304 are taken", length),
                refused.getMessage());
    }

    @Test
    void aFrameOfExactlyTheLimitIsTaken() throws FrameException {
        String text = "x".repeat(MAX_FRAME_BYTES);
        feed(stream(text));
        assertEquals(List.of(text), frames);
    }

    @Test
    void framesBeforeABadOneAreDelivered() {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(stream("good"));
        stream.writeBytes(header(0));
        assertThrows(FrameException.class, () -> feed(stream.toByteArray()));
        assertEquals(List.of("good"), frames);
    }

    @Test
    void textThatIsNoFrameIsRefusedByWhatWouldBeItsLength() {
        byte[] http = "GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThrows(FrameException.class, () -> feed(http));
    }

    @Test
    void anAnnouncedLengthAllocatesNothing() throws FrameException {
        feed(header(MAX_FRAME_BYTES));
        feed(new byte[100]);
        assertTrue(decoder.isInsideFrame());
        assertTrue(decoder.bufferBytes() < 1_000, "it took " + decoder.bufferBytes());
    }

    @Test
    void theBufferGrowsWithWhatCameAndNeverBeyondTheFrame() throws FrameException {
        feed(header(1_000_000));
        byte[] part = new byte[1_000];
        for (int came = 1_000; came < 1_000_000; came += 1_000) {
            feed(part);
            assertTrue(decoder.bufferBytes() <= Math.min(1_000_004, 2 * (came + 4)), came + " bytes came");
        }
    }

    @Test
    void aSinkThatRefusesAFrameStopsTheDecoder() throws FrameException {
        byte[] stream = stream("last", "never seen");
        decoder.feed(stream, 0, stream.length, (frame, from, size) -> {
            frames.add(new String(frame, from, size, StandardCharsets.UTF_8));
            return false;
        });
        assertEquals(List.of("last"), frames);
    }

    @Test
    void droppedBytesAreForgotten() throws FrameException {
        feed(header(1_000_000));
        feed(new byte[900_000]);
        decoder.drop();
        assertEquals(0, decoder.bufferBytes());
        assertFalse(decoder.isInsideFrame());
    }

    @Test
    void withLittleRoomTheDecoderTakesNoMoreThanHeaderAndFrame() throws FrameException {
        assertEquals(1_000, decoder.readableBytes(1_000, 1_000));
        assertEquals(4, decoder.readableBytes(1_000, 999));
        feed(header(50));
        assertEquals(50, decoder.readableBytes(1_000, 0));
        assertEquals(1_000, decoder.readableBytes(1_000, 1_000 - decoder.bufferBytes()));
    }

    @Test
    void aBufferGrowsByNoMoreThanTheRoomThatWasAskedFor() throws FrameException {
        Random random = new Random(1);
        feed(header(100_000));
        for (int came = 0; came < 100_000; ) {
            int room = random.nextInt(1_000);
            int before = decoder.bufferBytes();
            int readable = decoder.readableBytes(1 + random.nextInt(500), room);
            assertEquals(readable == 0, before == 4 + came && decoder.growthBytes(1) > room);
            if (readable == 0) {
                readable = 1; // As one that is favoured.
                room = decoder.growthBytes(1);
            }
            readable = Math.min(readable, 100_000 - came);
            feed(new byte[readable]);
            came += readable;
            assertTrue(decoder.bufferBytes() - before <= room, "it grew from " + before);
        }
        assertEquals(1, frames.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1", "POST /tasks HTTP/1.1", "HEAD / HTTP/1.1", "PRI * HTTP/2.0"})
    void anHttpRequestIsRecognisedAlsoByteByByte(String line) {
        byte[] request = line.getBytes(StandardCharsets.UTF_8);
        FrameException whole = assertThrows(FrameException.class, () -> feed(request));
        assertTrue(whole.isHttpRequest());
        FrameDecoder other = new FrameDecoder(MAX_FRAME_BYTES);
        FrameException pieces = assertThrows(FrameException.class, () -> {
            for (byte next : request) {
                other.feed(new byte[] {next}, 0, 1, (frame, from, size) -> true);
            }
        });
        assertTrue(pieces.isHttpRequest());
    }
}
