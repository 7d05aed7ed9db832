package io.divvy.attack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What clients do that never get as far as a message. */
final class ConnectionAttacks {
    private static final int SLOW_THREADS = 4;
    private static final int SLOW_CONNECTIONS = 100;
    private static final int BETWEEN_BYTES_MS = 100;
    private static final int GIANT_THREADS = 4;
    private static final int GIANTS_OF_A_THREAD = 25;
    private static final int FRAME_BYTES = 4 << 20;

    static final List<Attack> ALL = List.of(
            Attack.of(
                    "connects",
                    "8 clients connect and go at once, to both ports, half of them with a reset",
                    crowd -> crowd.each(8, () -> connectAndGo(crowd))),
            Attack.of(
                    "slow-bodies",
                    "400 POSTs and 400 frames of 1 MB that come a byte each 100 ms",
                    crowd -> crowd.each(SLOW_THREADS, () -> trickle(crowd))),
            Attack.of(
                    "giant-frames",
                    "100 connections announce 4 MiB and send all but the last byte, others announce 2 GB or less than nothing",
                    crowd -> crowd.each(GIANT_THREADS, () -> announceGiants(crowd))));

    private ConnectionAttacks() {}

    private static void connectAndGo(Crowd crowd) throws IOException {
        for (InetSocketAddress address :
                List.of(crowd.target().tcp(), crowd.target().http())) {
            for (boolean reset : new boolean[] {false, true}) {
                try (Socket socket = new Socket()) {
                    socket.connect(address, 5_000);
                    socket.setSoLinger(reset, 0);
                    crowd.tally().add("sent", 1);
                }
            }
        }
    }

    /** A connection that was cut is opened anew. */
    private static final class Slow {
        private final Crowd crowd;
        private final InetSocketAddress address;
        private final byte[] start;
        private Socket socket = new Socket();

        private Slow(Crowd crowd, InetSocketAddress address, byte[] start) {
            this.crowd = crowd;
            this.address = address;
            this.start = start;
        }

        private void sendAByte() throws IOException {
            try {
                if (!socket.isConnected()) {
                    socket.connect(address, 5_000);
                    socket.getOutputStream().write(start);
                }
                socket.getOutputStream().write(' ');
                crowd.tally().add("sent", 1);
            } catch (IOException e) {
                crowd.tally().add("cut", 1);
                socket.close();
                socket = new Socket();
            }
        }
    }

    private static void trickle(Crowd crowd) throws IOException {
        byte[] post = "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        byte[] hello = FloodPeer.frame(FloodPeer.SENDER);
        byte[] frame = new byte[hello.length + 4];
        System.arraycopy(hello, 0, frame, 0, hello.length);
        byte[] length = new byte[4];
        FloodPeer.putLength(length, 1_000_000);
        System.arraycopy(length, 0, frame, hello.length, 4);
        List<Slow> all = new ArrayList<>();
        for (int number = 0; number < SLOW_CONNECTIONS; number++) {
            all.add(new Slow(crowd, crowd.target().http(), post));
            all.add(new Slow(crowd, crowd.target().tcp(), frame));
        }
        while (true) {
            for (Slow slow : all) {
                slow.sendAByte();
            }
            Crowd.pauseMs(BETWEEN_BYTES_MS);
        }
    }

    private static void announceGiants(Crowd crowd) throws IOException {
        List<FloodPeer> all = new ArrayList<>();
        try {
            for (int number = 0; number < GIANTS_OF_A_THREAD; number++) {
                FloodPeer giant = FloodPeer.open(crowd, FloodPeer.SENDER);
                all.add(giant);
                byte[] frame = new byte[4 + FRAME_BYTES - 1];
                FloodPeer.putLength(frame, FRAME_BYTES);
                giant.send(frame, 1);
            }
            for (int length : new int[] {Integer.MAX_VALUE, -1, 0, FRAME_BYTES + 1}) {
                FloodPeer giant = FloodPeer.open(crowd, FloodPeer.SENDER);
                all.add(giant);
                byte[] frame = new byte[4];
                FloodPeer.putLength(frame, length);
                giant.send(frame, 1);
            }
        } finally {
            for (FloodPeer giant : all) {
                giant.close();
            }
        }
    }
}
