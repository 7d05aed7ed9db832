package io.divvy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A box between two ends, as load balancers and tunnels are: it passes on what they say, until it forgets the connections that
 * it has, or cuts them. Both ends of forgotten ones are still taken from, and hear nothing any more. New ones are passed on.
 */
public final class BlackHole implements AutoCloseable {
    private final InetSocketAddress target;
    private final ServerSocket listening;
    private final List<Passage> passages = new CopyOnWriteArrayList<>();

    public BlackHole(InetSocketAddress target) {
        this.target = target;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    private static void daemon(Runnable code) {
        Thread thread = new Thread(code, "black-hole");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Passage passage = new Passage(listening.accept(), new Socket(target.getAddress(), target.getPort()));
                passages.add(passage);
                passage.open();
            }
        } catch (IOException e) {
            return; // Closed, or there is nothing behind it.
        }
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.getLocalSocketAddress();
    }

    /** Connections that it took so far, also those that have ended. */
    public int connections() {
        return passages.size();
    }

    /** From now on nothing is passed on over the connections that there are. */
    public void forget() {
        passages.forEach(passage -> passage.forgotten = true);
    }

    /** Ends the connections that there are, which both ends see. */
    public void cut() {
        passages.forEach(Passage::close);
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        passages.forEach(Passage::close);
    }

    private static final class Passage {
        private final Socket near;
        private final Socket far;
        private volatile boolean forgotten;

        Passage(Socket near, Socket far) {
            this.near = near;
            this.far = far;
        }

        void open() {
            daemon(() -> pass(near, far));
            daemon(() -> pass(far, near));
        }

        private void pass(Socket from, Socket to) {
            byte[] bytes = new byte[1 << 16];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                    if (!forgotten) {
                        out.write(bytes, 0, count);
                    }
                }
                if (!forgotten) {
                    to.shutdownOutput();
                }
            } catch (IOException e) {
                if (!forgotten) {
                    close();
                }
            }
        }

        void close() {
            try {
                near.close();
                far.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
