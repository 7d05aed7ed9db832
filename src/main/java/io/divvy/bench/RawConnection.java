package io.divvy.bench;

import io.divvy.net.HostAndPort;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/**
 * A blocking socket with a buffer each way, the same for Divvy and for all that it is compared with. Whoever is at the other end
 * has to say something in time once; after that it is waited for as long as it takes, because a long task may be silent.
 */
final class RawConnection implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int CONNECT_TIMEOUT_MS = 10_000;
    private static final int FIRST_ANSWER_TIMEOUT_MS = 60_000;
    private static final String HEARTBEAT = "{\"type\":\"heartbeat\"}";

    private final String peer;
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private RawConnection(String peer, Socket socket, int firstAnswerTimeoutMs) throws IOException {
        this.peer = peer;
        this.socket = socket;
        this.in = new DataInputStream(
                new BufferedInputStream(new FirstAnswer(peer, socket, firstAnswerTimeoutMs), BUFFER_BYTES));
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES));
    }

    static RawConnection open(InetSocketAddress address) throws IOException {
        return open(address, FIRST_ANSWER_TIMEOUT_MS);
    }

    /** @param firstAnswerTimeoutMs how long a read waits as long as nothing has come at all */
    static RawConnection open(InetSocketAddress address, int firstAnswerTimeoutMs) throws IOException {
        String peer = HostAndPort.text(address);
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_TIMEOUT_MS);
            socket.setTcpNoDelay(true);
            return new RawConnection(peer, socket, firstAnswerTimeoutMs);
        } catch (IOException e) {
            socket.close();
            String reason = e instanceof UnknownHostException ? "no host has this name" : e.getMessage();
            throw new IOException("cannot connect to " + peer + ": " + reason, e);
        }
    }

    /** Reads from the socket, without a timeout once something has come. */
    private static final class FirstAnswer extends FilterInputStream {
        private final String peer;
        private final Socket socket;
        private final int timeoutMs;
        private boolean awaited = true;

        private FirstAnswer(String peer, Socket socket, int timeoutMs) throws IOException {
            super(socket.getInputStream());
            this.peer = peer;
            this.socket = socket;
            this.timeoutMs = timeoutMs;
            socket.setSoTimeout(timeoutMs);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (!awaited) {
                return in.read(bytes, offset, length);
            }
            try {
                int count = in.read(bytes, offset, length);
                awaited = false;
                socket.setSoTimeout(0);
                return count;
            } catch (SocketTimeoutException e) {
                throw new IOException(peer + " accepted the connection, but said nothing for " + timeoutMs + " ms", e);
            }
        }
    }

    DataInputStream in() {
        return in;
    }

    DataOutputStream out() {
        return out;
    }

    /** Buffers a frame of Divvy's: a 4-byte length, then the text. */
    void writeFrame(String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        out.writeInt(body.length);
        out.write(body);
    }

    void sendFrame(String json) throws IOException {
        writeFrame(json);
        out.flush();
    }

    /** The next frame of Divvy's that says something. */
    String readFrame() throws IOException {
        while (true) {
            int length;
            try {
                length = in.readInt();
            } catch (EOFException e) {
                throw new IOException(peer + " closed the connection", e);
            }
            String frame = new String(readBytes(length), StandardCharsets.UTF_8);
            if (!frame.equals(HEARTBEAT)) {
                return frame;
            }
        }
    }

    void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads up to a line feed; a carriage return before it is dropped. */
    String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended in the middle of a line");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    byte[] readBytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the connection ended in the middle of a message");
        }
        return bytes;
    }

    String readText(int count) throws IOException {
        return new String(readBytes(count), StandardCharsets.ISO_8859_1);
    }

    /** Sends what is buffered, unless more has arrived that may add to it. */
    void flushIfIdle() throws IOException {
        if (isIdle()) {
            out.flush();
        }
    }

    boolean isIdle() throws IOException {
        return in.available() == 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
