package io.divvy.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What lies between a client and a real server, and can be cut. It carries bytes, and a cut may fall anywhere in a frame. */
final class FragileWire implements AutoCloseable {
    private final ServerSocket listener;
    private volatile InetSocketAddress server;
    private final Set<Closeable> ends = ConcurrentHashMap.newKeySet();

    FragileWire(InetSocketAddress server) {
        this.server = server;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /** All connections end, with what is on its way. Returns how many ends of connections that were, two of each. */
    int cut() {
        int count = 0;
        for (Closeable end : ends) {
            close(end);
            ends.remove(end);
            count++;
        }
        return count;
    }

    /** From now on it leads to another server, as if that had been started in the place of the first. */
    void leadTo(InetSocketAddress another) {
        server = another;
        cut();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                ends.add(client);
                Socket onward = new Socket(server.getAddress(), server.getPort());
                ends.add(onward);
                start(() -> carry(client, onward));
                start(() -> carry(onward, client));
            } catch (IOException e) {
                cut(); // The test's end, or no server any more: then there is nothing to connect.
            }
        }
    }

    private static void carry(Socket from, Socket to) {
        byte[] buffer = new byte[1 << 12];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            return; // Cut.
        }
    }

    private static void start(Runnable work) {
        new Thread(work, "fragile-wire").start();
    }

    private static void close(Closeable closing) {
        try {
            closing.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        close(listener);
        cut();
    }
}
