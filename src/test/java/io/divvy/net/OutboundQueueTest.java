package io.divvy.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundQueueTest {
    private final OutboundQueue queue = new OutboundQueue();
    private final FakeChannel channel = new FakeChannel();
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

    private byte[] addFrames(int count, int mostBytes) {
        SplittableRandom random = new SplittableRandom(count);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            byte[] frame = new byte[random.nextInt(1, mostBytes)];
            random.nextBytes(frame);
            all.writeBytes(frame);
            queue.add(ByteBuffer.wrap(frame));
        }
        assertEquals(all.size(), queue.bytes());
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1_000})
    void aChannelThatTakesFewBytesAtATimeGetsAllOfThemInOrder(int bytesPerWrite) throws IOException {
        byte[] all = addFrames(300, 40);
        channel.bytesPerWrite = bytesPerWrite;
        assertEquals(all.length, queue.writeTo(channel, buffer));
        assertArrayEquals(all, channel.taken.toByteArray());
        assertTrue(queue.isEmpty());
        assertEquals(0, queue.bytes());
    }

    @Test
    void aFullChannelEndsTheWriteAndTheNextOneGoesOnWhereItStopped() throws IOException {
        byte[] all = addFrames(100, 3_000);
        long written = 0;
        while (!queue.isEmpty()) {
            channel.room = 777;
            written += queue.writeTo(channel, buffer);
            assertEquals(all.length - written, queue.bytes());
        }
        assertArrayEquals(all, channel.taken.toByteArray());
    }

    /** Plain clients take what one read gives them as a whole message: no frame that fits into the buffer is torn. */
    @Test
    void aFrameThatDoesNotFitBehindOthersGoesOutWithTheNext() throws IOException {
        for (int i = 0; i < 5; i++) {
            queue.add(ByteBuffer.allocate(30_000));
        }
        queue.writeTo(channel, buffer);
        assertEquals(3, channel.writes);
        assertEquals(60_000, channel.largestWrite);
    }

    @Test
    void aFrameIsHeldWholeUntilItsLastByteIsWritten() throws IOException {
        queue.add(ByteBuffer.allocate(100_000));
        queue.add(ByteBuffer.allocate(10));
        long held = queue.heldBytes();
        assertTrue(held > 100_010, held + " bytes");
        channel.room = 99_999;
        queue.writeTo(channel, buffer);
        assertEquals(11, queue.bytes());
        assertEquals(held, queue.heldBytes());
        channel.room = 1_000;
        queue.writeTo(channel, buffer);
        assertEquals(0, queue.heldBytes());
        queue.add(ByteBuffer.allocate(10));
        assertTrue(queue.heldBytes() > 50, "a small frame takes more than its bytes");
        queue.clear();
        assertEquals(0, queue.heldBytes());
    }

    @Test
    void framesThatWaitTogetherGoOutInOneWrite() throws IOException {
        addFrames(64, 100);
        queue.writeTo(channel, buffer);
        assertEquals(1, channel.writes);
    }

    @Test
    void aFrameGoesOutInOneWriteEvenBehindOthers() throws IOException {
        // Plain clients take what one read gives them as a whole message.
        queue.add(ByteBuffer.allocate(100));
        queue.writeTo(channel, buffer);
        queue.add(ByteBuffer.allocate(200_000));
        queue.writeTo(channel, buffer);
        assertEquals(2, channel.writes);
    }

    @Test
    void oneWriteIsNeverLargerThanTheBufferThatTheJdkCopiesItThrough() throws IOException {
        queue.add(ByteBuffer.allocate(1_000_000));
        for (int i = 0; i < 10; i++) {
            queue.add(ByteBuffer.allocate(200_000));
        }
        queue.writeTo(channel, buffer);
        assertEquals(3_000_000, channel.taken.size());
        assertTrue(channel.largestWrite <= 1 << 18, "one write offered " + channel.largestWrite + " bytes");
    }

    @Test
    void anErrorOfTheChannelIsThrown() {
        addFrames(2, 10);
        channel.broken = true;
        assertThrows(IOException.class, () -> queue.writeTo(channel, buffer));
    }

    @Test
    void clearedFramesAreGone() {
        addFrames(2, 10);
        queue.clear();
        assertTrue(queue.isEmpty());
        assertEquals(0, queue.bytes());
    }

    /** Takes as much as it is told to. */
    private static final class FakeChannel implements WritableByteChannel {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private int bytesPerWrite = Integer.MAX_VALUE;
        private int room = Integer.MAX_VALUE;
        private boolean broken;
        private int writes;
        private long largestWrite;

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (broken) {
                throw new IOException("broken pipe");
            }
            writes++;
            largestWrite = Math.max(largestWrite, source.remaining());
            byte[] part = new byte[Math.min(Math.min(bytesPerWrite, room), source.remaining())];
            source.get(part);
            taken.writeBytes(part);
            room -= part.length;
            return part.length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing to free.
        }
    }
}
