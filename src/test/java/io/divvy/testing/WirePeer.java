package io.divvy.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The other end of a connection, with nothing of ours in it but the bytes. JSON may be written with single quotes, so that
 * tests can be read.
 */
public final class WirePeer implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** A real wait that ends in a failure; nothing that works takes as long. */
    private static final int RECEIVE_TIMEOUT_MS = 20_000;
    /** That of a server, which may come between any two of its messages. */
    private static final byte[] HEARTBEAT = frame("{'type':'heartbeat'}");

    private final Socket socket;
    private final PushbackInputStream unread;
    private final DataInputStream in;
    private final OutputStream out;

    private WirePeer(InetSocketAddress address, int receiveBufferBytes) {
        this(connected(address, receiveBufferBytes));
    }

    /** The server's side of a connection, for tests that play the server. */
    public WirePeer(Socket connected) {
        socket = connected;
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(RECEIVE_TIMEOUT_MS);
            unread = new PushbackInputStream(socket.getInputStream(), HEARTBEAT.length);
            in = new DataInputStream(unread);
            out = socket.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket connected(InetSocketAddress address, int receiveBufferBytes) {
        Socket socket = new Socket();
        try {
            if (receiveBufferBytes > 0) {
                socket.setReceiveBufferSize(receiveBufferBytes);
            }
            socket.connect(address);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static WirePeer connect(TcpServer server) {
        return new WirePeer(server.address(), 0);
    }

    /** For a server in another process. */
    public static WirePeer connect(InetSocketAddress server) {
        return new WirePeer(server, 0);
    }

    /** One whose system takes little that it does not read, so that the server soon has to wait. */
    public static WirePeer connectWithSmallBuffer(TcpServer server) {
        return new WirePeer(server.address(), 1 << 15);
    }

    /** A protocol-2 sender, already welcome. */
    public static WirePeer sender(TcpServer server) {
        return sender(server.address());
    }

    /** The same of any server. */
    public static WirePeer sender(InetSocketAddress server) {
        WirePeer peer = connect(server);
        peer.send("{'type':'task_sender','protocol':2}");
        peer.receive("welcome");
        return peer;
    }

    /** A protocol-2 worker for any type, already welcome. */
    public static WirePeer worker(TcpServer server, int slots) {
        return worker(server, slots, "'task_types':['*']");
    }

    /** A protocol-2 worker, already welcome. */
    public static WirePeer worker(TcpServer server, int slots, String moreFields) {
        WirePeer peer = connect(server);
        peer.send("{'type':'worker','protocol':2,'slots':" + slots + "," + moreFields + "}");
        peer.receive("welcome");
        return peer;
    }

    public static WirePeer plainSender(TcpServer server) {
        WirePeer peer = connect(server);
        peer.send("{'type':'task_sender'}");
        return peer;
    }

    public static WirePeer plainWorker(TcpServer server) {
        WirePeer peer = connect(server);
        peer.send("{'type':'worker'}");
        server.settle();
        return peer;
    }

    /** The frame of a JSON text. */
    public static byte[] frame(String json) {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[4 + text.length];
        frame[0] = (byte) (text.length >>> 24);
        frame[1] = (byte) (text.length >>> 16);
        frame[2] = (byte) (text.length >>> 8);
        frame[3] = (byte) text.length;
        System.arraycopy(text, 0, frame, 4, text.length);
        return frame;
    }

    public void send(String json) {
        sendBytes(frame(json));
    }

    /** All of them in one write. */
    public void sendTogether(List<String> jsons) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        jsons.forEach(json -> frames.writeBytes(frame(json)));
        sendBytes(frames.toByteArray());
    }

    public void sendBytes(byte... bytes) {
        try {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next message, which is to come. Heartbeats of the server are passed over. */
    public JsonNode receive() {
        while (true) {
            JsonNode message = receiveAny();
            if (!message.path("type").asText().equals("heartbeat")) {
                return message;
            }
        }
    }

    /** The next message, also if that is a heartbeat. */
    public JsonNode receiveAny() {
        try {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            return MAPPER.readTree(frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next message, read piece by piece, with something to do before each. */
    public JsonNode receiveSlowly(int pieceBytes, Runnable between) {
        try {
            byte[] frame = new byte[in.readInt()];
            for (int at = 0; at < frame.length; at += pieceBytes) {
                between.run();
                in.readFully(frame, at, Math.min(pieceBytes, frame.length - at));
            }
            return MAPPER.readTree(frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next message, which is to be of that type. */
    public JsonNode receive(String type) {
        JsonNode message = receive();
        if (!message.path("type").asText().equals(type)) {
            throw new AssertionError("expected a message of type " + type + ", got " + message);
        }
        return message;
    }

    /** The next message of that type; those before it are of the other types that are named. */
    public JsonNode receiveAfter(String type, String... skipped) {
        while (true) {
            JsonNode message = receive();
            if (message.path("type").asText().equals(type)) {
                return message;
            }
            if (!List.of(skipped).contains(message.path("type").asText())) {
                throw new AssertionError("expected a message of type " + type + ", got " + message);
            }
        }
    }

    /** The next message, which is to be an error with that code; returns its text. */
    public String receiveError(String code) {
        JsonNode error = receive("error");
        if (!error.path("code").asText().equals(code)) {
            throw new AssertionError("expected the error " + code + ", got " + error);
        }
        return error.path("message").asText();
    }

    /** Bytes that came and were not received yet, without heartbeats. Meaningful after {@link TcpServer#settle}. */
    public int available() {
        try {
            while (in.available() >= HEARTBEAT.length) {
                byte[] next = in.readNBytes(HEARTBEAT.length);
                if (!Arrays.equals(next, HEARTBEAT)) {
                    unread.unread(next);
                    break;
                }
            }
            return in.available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same with heartbeats. */
    public int availableWithHeartbeats() {
        try {
            return in.available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails unless the server closes the connection, and sends nothing but heartbeats before that. */
    public void receiveEnd() {
        try {
            for (byte[] next = in.readNBytes(HEARTBEAT.length);
                    next.length > 0;
                    next = in.readNBytes(HEARTBEAT.length)) {
                if (!Arrays.equals(next, HEARTBEAT)) {
                    throw new AssertionError("expected the end of the stream, got "
                            + new String(next, StandardCharsets.UTF_8)
                            + new String(in.readNBytes(Math.max(0, in.available())), StandardCharsets.UTF_8));
                }
            }
        } catch (EOFException | SocketException e) {
            return; // Cut off is an end too.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads and drops whatever comes until the server closes or cuts the connection. Returns how many bytes that was. */
    public long drainToEnd() {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                total += count;
            }
        } catch (SocketException e) {
            return total;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return total;
    }

    /** Answers a subtask of dialect 1 as it should be. */
    public void answerPlainly(JsonNode taskAvailable) {
        JsonNode subtask = taskAvailable.get("subtask");
        send("{'task_id':'" + subtask.get("task_id").textValue() + "','subtask_index':"
                + subtask.get("subtask_index") + ",'result':"
                + sumOfSquares(subtask.get("range").get(0), subtask.get("range").get(1)) + "}");
    }

    /** Answers a lease of sums of squares as it should be. */
    public void answer(JsonNode assign) {
        send("{'type':'result','lease':" + assign.get("lease") + ",'from':" + assign.get("from") + ",'results':"
                + results(assign) + "}");
    }

    /** What the results of a lease of sums of squares should be. */
    public static List<BigInteger> results(JsonNode assign) {
        List<BigInteger> results = new ArrayList<>();
        for (JsonNode payload : assign.get("payloads")) {
            results.add(sumOfSquares(payload.get("start"), payload.get("end")));
        }
        return results;
    }

    private static BigInteger sumOfSquares(JsonNode start, JsonNode end) {
        return squaresUpTo(end.bigIntegerValue())
                .subtract(squaresUpTo(start.bigIntegerValue().subtract(BigInteger.ONE)));
    }

    /** n (n + 1) (2n + 1) / 6. */
    private static BigInteger squaresUpTo(BigInteger n) {
        return n.multiply(n.add(BigInteger.ONE))
                .multiply(n.add(n).add(BigInteger.ONE))
                .divide(BigInteger.valueOf(6));
    }

    /** Says that nothing more comes from here; what the other end sends is still received. */
    public void finish() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends both directions at once, as a process does that is killed while something is unread. */
    public void cut() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Goes away as a process does that is killed. */
    public void vanish() {
        close();
    }

    /** Ends both directions at once: it will read nothing more either, which a plain close does not tell. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
