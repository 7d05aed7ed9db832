package io.divvy.attack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;

/**
 * A process that takes whatever is sent to it and does next to nothing with it: what an attack costs the machine if the server
 * costs nothing. On its TCP port it says {@code welcome} once to each connection, on its HTTP port {@code {}} to each request.
 * Ends when its standard input does.
 */
final class Sink {
    /** In the place of the server's name and version. */
    static final String NAME = "sink";

    private static final byte[] WELCOME = FloodPeer.frame("{'type':'welcome','protocol':2,'server':'" + NAME + "',"
            + "'session':'0','heartbeat_ms':5000,'max_frame_bytes':4194304}");
    private static final byte[] OK =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII);

    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);

    private Sink() throws IOException {}

    /** What a connection of either kind needs to be answered. */
    private static final class Peer {
        private final boolean isHttp;
        private boolean welcomed;
        /** How much of the empty line behind a request's head has come: CR, LF, CR, LF. */
        private int endOfHead;

        private Peer(boolean isHttp) {
            this.isHttp = isHttp;
        }

        /** How many answers these bytes ask for. */
        private int answers(ByteBuffer bytes) {
            if (!isHttp) {
                int first = welcomed ? 0 : 1;
                welcomed = true;
                return first;
            }
            int heads = 0;
            while (bytes.hasRemaining()) {
                byte next = bytes.get();
                boolean fits = next == (endOfHead % 2 == 0 ? '\r' : '\n');
                endOfHead = fits ? endOfHead + 1 : next == '\r' ? 1 : 0;
                if (endOfHead == 4) {
                    heads++;
                    endOfHead = 0;
                }
            }
            return heads;
        }
    }

    public static void main(String... args) throws IOException {
        Attacker.endWithTheFirstMistake();
        Sink sink = new Sink();
        int tcpPort = sink.listen(false);
        int httpPort = sink.listen(true);
        System.out.println(String.format(Locale.ROOT, "sink on %d and %d", tcpPort, httpPort));
        Crowd.start(sink::serve);
        while (System.in.read() >= 0) {}
        Runtime.getRuntime().halt(0);
    }

    private int listen(boolean isHttp) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        channel.bind(new InetSocketAddress("127.0.0.1", 0), 1_024);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_ACCEPT, isHttp);
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    private void serve() {
        try {
            while (true) {
                selector.select();
                for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    turn(key);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the sink broke", e);
        }
    }

    private void turn(SelectionKey key) throws IOException {
        if (key.channel() instanceof ServerSocketChannel server) {
            for (SocketChannel peer = server.accept(); peer != null; peer = server.accept()) {
                peer.configureBlocking(false);
                peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
                peer.register(selector, SelectionKey.OP_READ, new Peer((boolean) key.attachment()));
            }
            return;
        }
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                channel.close();
                return;
            }
            Peer peer = (Peer) key.attachment();
            byte[] answer = peer.isHttp ? OK : WELCOME;
            // What does not fit the socket's buffer is lost to a peer that does not read.
            for (int left = peer.answers(buffer.flip()); left > 0; left--) {
                channel.write(ByteBuffer.wrap(answer));
            }
        } catch (IOException e) {
            channel.close(); // The peer cut it.
        }
    }
}
