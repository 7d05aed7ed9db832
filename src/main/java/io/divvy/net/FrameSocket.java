package io.divvy.net;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The blocking side of the wire, for workers and senders. One thread receives; any thread sends.
 */
public final class FrameSocket implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;
    /** What waits for company is sent as soon as it is more than that. */
    private static final int MOST_HELD_BYTES = 1 << 14;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    /** Frames that wait for company. Guarded by {@link #out}. */
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();

    private final InetSocketAddress server;
    private final int maxFrameBytes;
    /** When the write began that is going on, or 0. */
    private volatile long sendingSinceNanos;

    private FrameSocket(Socket socket, InetSocketAddress server, int maxFrameBytes) throws IOException {
        this.socket = socket;
        this.server = server;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        this.out = socket.getOutputStream();
        this.maxFrameBytes = maxFrameBytes;
    }

    public static FrameSocket connect(InetSocketAddress address, int timeoutMs, int maxFrameBytes) throws IOException {
        return connect(address, timeoutMs, maxFrameBytes, socket -> {});
    }

    /**
     * Connects. If the address is a name, it is looked up, and all its addresses are tried, each for its part of the time.
     *
     * @param opened gets each socket before it is connected; another thread that closes it breaks the attempt off
     */
    public static FrameSocket connect(
            InetSocketAddress address, int timeoutMs, int maxFrameBytes, Consumer<Closeable> opened)
            throws IOException {
        if (!address.isUnresolved()) {
            return new FrameSocket(connected(address, timeoutMs, opened), address, maxFrameBytes);
        }
        InetAddress[] all = InetAddress.getAllByName(address.getHostString());
        IOException failure = null;
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        for (int i = 0; i < all.length; i++) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            int partMs = (int) Math.max(1, leftMs / (all.length - i));
            try {
                Socket socket = connected(new InetSocketAddress(all[i], address.getPort()), partMs, opened);
                return new FrameSocket(socket, address, maxFrameBytes);
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        throw failure == null ? new UnknownHostException(address.getHostString()) : failure;
    }

    private static Socket connected(InetSocketAddress address, int timeoutMs, Consumer<Closeable> opened)
            throws IOException {
        Socket socket = new Socket();
        try {
            opened.accept(socket);
            socket.setTcpNoDelay(true);
            TcpKeepAlive.enable(socket);
            socket.connect(address, timeoutMs);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Which of the server's addresses this is connected to. */
    public InetAddress reached() {
        return socket.getInetAddress();
    }

    /** Sends a frame, header included, after those that wait for company. */
    public void send(ByteBuffer frame) throws IOException {
        synchronized (out) {
            if (held.size() > 0) {
                hold(frame);
                flush();
            } else {
                write(frame.array(), frame.arrayOffset() + frame.position(), frame.remaining());
            }
        }
    }

    /**
     * Sends a frame together with those that follow soon: a write costs far more than the bytes that it takes.
     *
     * @return whether nothing waited before; then it is for the caller to {@link #flush} after the time that it may wait
     */
    public boolean sendInCompany(ByteBuffer frame) throws IOException {
        synchronized (out) {
            boolean isFirst = held.size() == 0;
            hold(frame);
            if (held.size() > MOST_HELD_BYTES) {
                flush();
                return false;
            }
            return isFirst;
        }
    }

    /** Sends what waits for company. */
    public void flush() throws IOException {
        synchronized (out) {
            if (held.size() > 0) {
                byte[] frames = held.toByteArray();
                held.reset();
                write(frames, 0, frames.length);
            }
        }
    }

    private void hold(ByteBuffer frame) {
        held.write(frame.array(), frame.arrayOffset() + frame.position(), frame.remaining());
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
        sendingSinceNanos = System.nanoTime() | 1;
        try {
            out.write(bytes, offset, length);
        } finally {
            sendingSinceNanos = 0;
        }
    }

    /** How long the write that is going on has taken so far; 0 if there is none. */
    public long sendingNanos(long nowNanos) {
        long since = sendingSinceNanos;
        return since == 0 ? 0 : Math.max(0, nowNanos - since);
    }

    /** Says that nothing more will be sent. What the other side sends is still received. */
    public void endOutput() throws IOException {
        synchronized (out) {
            flush();
            socket.shutdownOutput();
        }
    }

    /** Waits for the next frame and returns it without its header; an {@link EOFException} at the end of the stream. */
    public byte[] receive() throws IOException {
        int length = in.readInt();
        if (length == HttpPort.ANSWER) {
            throw HttpPort.taken(server, in);
        }
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

    /**
     * How long {@link #receive} waits for the next byte, of whatever, before it fails with a
     * {@link java.net.SocketTimeoutException}; 0 for as long as it takes. What is there by then is read first, so a pause of
     * this process is not taken for one of the other.
     */
    public void setReceiveTimeoutMs(int timeoutMs) throws IOException {
        socket.setSoTimeout(timeoutMs);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
