package io.divvy.attack;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A connection to the HTTP port, kept for many requests. Bodies of answers are read and dropped. */
final class HttpPeer implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MS = 5_000;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final byte[] dropped = new byte[1 << 16];

    /** @param timeoutMs how long a read waits; 0 for ever */
    HttpPeer(InetSocketAddress address, int timeoutMs) throws IOException {
        socket.connect(address, CONNECT_TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(timeoutMs);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    /** @param path encoded */
    void request(String path) throws IOException {
        write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    void post(String path, String json) throws IOException {
        int bytes = json.getBytes(StandardCharsets.UTF_8).length;
        write("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + bytes + "\r\n\r\n" + json);
    }

    void write(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    int get(String path) throws IOException {
        request(path);
        return readAnswer();
    }

    /** Reads an answer to its end, and returns its status. */
    int readAnswer() throws IOException {
        String status = line();
        long length = 0;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(lower.substring(lower.indexOf(':') + 1).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
        }
        if (chunked) {
            for (int chunk = Integer.parseInt(line(), 16); chunk > 0; chunk = Integer.parseInt(line(), 16)) {
                drop(chunk);
                line();
            }
            line();
        } else {
            drop(length);
        }
        return Integer.parseInt(status.split(" ")[1]);
    }

    private void drop(long count) throws IOException {
        for (long left = count; left > 0; ) {
            int read = in.read(dropped, 0, (int) Math.min(left, dropped.length));
            if (read < 0) {
                throw new EOFException("the answer ended " + left + " bytes early");
            }
            left -= read;
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the answer ended after: " + line);
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8).strip();
    }

    /** Closes with a reset if the server may still be writing to it. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
