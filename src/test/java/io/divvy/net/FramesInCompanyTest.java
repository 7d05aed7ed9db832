package io.divvy.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames that a client lets wait for others. */
class FramesInCompanyTest {
    private static final int TIMEOUT_MS = 20_000;

    private FrameSocket client;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            client = FrameSocket.connect((InetSocketAddress) listening.getLocalSocketAddress(), TIMEOUT_MS, 1 << 20);
            server = listening.accept();
            server.setSoTimeout(TIMEOUT_MS);
        }
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
        server.close();
    }

    private static ByteBuffer frame(int... bytes) {
        byte[] frame = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            frame[i] = (byte) bytes[i];
        }
        return ByteBuffer.wrap(frame);
    }

    private void assertReceived(int... bytes) throws IOException {
        assertArrayEquals(frame(bytes).array(), server.getInputStream().readNBytes(bytes.length));
    }

    @Test
    void framesThatWaitAreFlushedTogether() throws IOException {
        assertTrue(client.sendInCompany(frame(1)));
        assertFalse(client.sendInCompany(frame(2)));
        assertEquals(0, server.getInputStream().available());
        client.flush();
        assertReceived(1, 2);
        assertTrue(client.sendInCompany(frame(3)), "it is the first again");
    }

    @Test
    void aFrameThatIsSentAtOnceComesAfterThoseThatWait() throws IOException {
        client.sendInCompany(frame(1));
        client.send(frame(2));
        assertReceived(1, 2);
    }

    @Test
    void manyBytesDoNotWaitForAFlush() throws IOException {
        assertTrue(client.sendInCompany(ByteBuffer.wrap(new byte[1_000])));
        assertFalse(client.sendInCompany(ByteBuffer.wrap(new byte[20_000])));
        assertEquals(21_000, server.getInputStream().readNBytes(21_000).length);
    }

    @Test
    void framesThatWaitAreSentBeforeTheEnd() throws IOException {
        client.sendInCompany(frame(1));
        client.endOutput();
        assertReceived(1);
        assertEquals(-1, server.getInputStream().read());
    }
}
