package io.divvy.net;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The blocking side of the wire, for workers and senders. One thread receives; any thread sends.
 */
public final class FrameSocket implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final int maxFrameBytes;

    private FrameSocket(Socket socket, int maxFrameBytes) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        this.out = socket.getOutputStream();
        this.maxFrameBytes = maxFrameBytes;
    }

    public static FrameSocket connect(InetSocketAddress address, int timeoutMs, int maxFrameBytes) throws IOException {
        return connect(address, timeoutMs, maxFrameBytes, socket -> {});
    }

    /** @param opened gets the socket before it is connected; another thread that closes it breaks the attempt off */
    public static FrameSocket connect(
            InetSocketAddress address, int timeoutMs, int maxFrameBytes, Consumer<Closeable> opened)
            throws IOException {
        Socket socket = new Socket();
        try {
            opened.accept(socket);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(
                    address.isUnresolved()
                            ? new InetSocketAddress(address.getHostString(), address.getPort())
                            : address,
                    timeoutMs);
            return new FrameSocket(socket, maxFrameBytes);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends a frame, header included. */
    public void send(ByteBuffer frame) throws IOException {
        synchronized (out) {
            out.write(frame.array(), frame.arrayOffset() + frame.position(), frame.remaining());
        }
    }

    /** Waits for the next frame and returns it without its header; an {@link EOFException} at the end of the stream. */
    public byte[] receive() throws IOException {
        int length = in.readInt();
        if (length <= 0 || length > maxFrameBytes) {
            throw new IOException("the server sent a frame of " + Integer.toUnsignedString(length)
                    + " bytes; expected 1 to " + maxFrameBytes);
        }
        byte[] frame = in.readNBytes(length);
        if (frame.length < length) {
            throw new EOFException("the connection closed in the middle of a frame");
        }
        return frame;
    }

    /** How long {@link #receive} waits before it fails with a timeout; 0 for as long as it takes. */
    public void setReceiveTimeoutMs(int timeoutMs) throws IOException {
        socket.setSoTimeout(timeoutMs);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
