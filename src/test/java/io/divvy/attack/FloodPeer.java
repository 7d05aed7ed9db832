package io.divvy.attack;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/** A connection to the TCP port that writes as fast as it can. What comes back is read by a thread, counted and dropped. */
final class FloodPeer implements AutoCloseable {
    static final String SENDER = "{'type':'task_sender','protocol':2}";

    private static final String ERROR = "{\"type\":\"error\"";
    private static final String CODE = "\"code\":\"";

    private final Tally tally;
    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private volatile boolean closed;

    /** @param hello JSON with single quotes */
    static FloodPeer open(Crowd crowd, String hello) throws IOException {
        return open(crowd, hello, (peer, message) -> {});
    }

    /** @param onMessage gets every message that is not an error, in a thread of its own */
    static FloodPeer open(Crowd crowd, String hello, BiConsumer<FloodPeer, String> onMessage) throws IOException {
        FloodPeer peer = new FloodPeer(crowd);
        peer.write(frame(hello));
        Crowd.start(() -> peer.readToEnd(onMessage));
        return peer;
    }

    private FloodPeer(Crowd crowd) throws IOException {
        tally = crowd.tally();
        socket = new Socket();
        socket.connect(crowd.target().tcp(), 10_000);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    }

    /** The frame of a JSON text that may have single quotes. */
    static byte[] frame(String json) {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[4 + text.length];
        putLength(frame, text.length);
        System.arraycopy(text, 0, frame, 4, text.length);
        return frame;
    }

    static void putLength(byte[] frame, int length) {
        for (int at = 0; at < 4; at++) {
            frame[at] = (byte) (length >>> 24 - 8 * at);
        }
    }

    /** @param messages how many there are in these bytes */
    void send(byte[] frames, int messages) throws IOException {
        write(frames);
        tally.add("sent", messages);
    }

    /** For those who are called with messages: that the connection is cut ends their thread. */
    void sendUnchecked(byte[] frame) {
        try {
            send(frame, 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    boolean isCut() {
        return closed;
    }

    private void readToEnd(BiConsumer<FloodPeer, String> onMessage) {
        try {
            while (true) {
                String text = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
                if (text.startsWith(ERROR)) {
                    int code = text.indexOf(CODE) + CODE.length();
                    tally.add(text.substring(code, text.indexOf('"', code)), 1);
                } else {
                    onMessage.accept(this, text);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            closed = true; // By either end; who writes to it hears of that too.
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        socket.close();
    }
}
