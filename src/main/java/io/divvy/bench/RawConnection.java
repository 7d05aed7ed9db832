package io.divvy.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A blocking socket with a buffer each way, the same for Divvy and for all that it is compared with. */
final class RawConnection implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES));
    }

    static RawConnection open(InetSocketAddress address) throws IOException {
        Socket socket = new Socket(address.getHostString(), address.getPort());
        socket.setTcpNoDelay(true);
        return new RawConnection(socket);
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

    String readFrame() throws IOException {
        return new String(readBytes(in.readInt()), StandardCharsets.UTF_8);
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
