package io.divvy.client;

import io.divvy.net.FrameSocket;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Frames;
import io.divvy.protocol.Hello;
import io.divvy.protocol.HttpApi;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.ToSender;
import io.divvy.protocol.Welcome;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a connection for a conversation, one after the other. One thread connects and sends; each connection has another one
 * that reads. A connection that is lost while nobody waits for anything is replaced when it is needed.
 */
final class Link {
    private static final Logger LOG = LoggerFactory.getLogger(DivvyClient.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    /** How long a connection that cannot be written to is still read: the server may have said why it ends it. */
    private static final long LAST_WORDS_MS = 2_000;

    /** The one that welcomed this client last comes first. On the thread that connects. */
    private final List<InetSocketAddress> servers;

    private final String server;
    private final ClientOptions options;
    private final Conversation conversation;
    private volatile @Nullable URI httpApi;
    // Guarded by this.
    private @Nullable Closeable socket;
    private @Nullable Thread thread;
    private boolean closed;

    /** The time without a server that answers. */
    private final class Outage {
        private final long startNanos = System.nanoTime();
        /** One that nobody noticed, as nobody needed the server: its first try is made at once and in any case. */
        private boolean isFresh;

        private Duration nextPause = FIRST_PAUSE;

        Outage(boolean isFresh) {
            this.isFresh = isFresh;
        }

        private Duration left() {
            return options.reconnectFor().minusNanos(System.nanoTime() - startNanos);
        }

        boolean isOver() {
            return !isFresh && (left().isNegative() || left().isZero());
        }

        /** Waits until it is time for the next try, and returns how long that may take; null if the client is closed. */
        @Nullable
        Duration awaitNextTry() throws InterruptedException {
            Duration tryFor = options.connectTimeout();
            Duration pause = Duration.ZERO;
            if (!isFresh) {
                pause = shorter(nextPause, left());
                nextPause = shorter(nextPause.multipliedBy(2), LONGEST_PAUSE);
                tryFor = shorter(tryFor, left().minus(pause));
            }
            isFresh = false;
            return conversation.pause(pause) ? tryFor : null;
        }
    }

    /** The server is there and does not want this client; to try again changes nothing. */
    private static final class NotWelcomeException extends IOException {
        private static final long serialVersionUID = 1;

        NotWelcomeException(String message) {
            super(message);
        }
    }

    private Link(List<InetSocketAddress> servers, ClientOptions options, Conversation conversation) {
        this.servers = new ArrayList<>(servers);
        this.server = conversation.server();
        this.options = options;
        this.conversation = conversation;
    }

    /** Connects, with one try of each server, and goes on in a thread of its own. */
    static Link open(List<InetSocketAddress> servers, ClientOptions options, Conversation conversation)
            throws IOException {
        Link link = new Link(servers, options, conversation);
        link.start(link.connect(options.connectTimeout()));
        return link;
    }

    private synchronized void start(FrameSocket first) {
        thread = new Thread(() -> run(first), "divvy-client");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(FrameSocket first) {
        try {
            FrameSocket connected = first;
            Outage outage = null;
            while (connected != null) {
                IOException cause = talk(connected);
                if (!conversation.wasNeeded()) {
                    LOG.debug("the connection to {} ended while it was not needed: {}", server, cause.getMessage());
                    outage = null;
                } else {
                    LOG.warn("the connection to {} was lost: {}; connecting again", server, cause.getMessage());
                    outage = outage == null || conversation.wasAnswered() ? new Outage(false) : outage;
                }
                connected = reconnect(outage, cause);
            }
        } catch (InterruptedException e) {
            LOG.error("the thread of the client was interrupted, which this library never does; the client ends", e);
            conversation.close();
        }
    }

    /** A new connection as soon as one is needed; null if the client is closed. */
    private @Nullable FrameSocket reconnect(@Nullable Outage begun, IOException lostBecause)
            throws InterruptedException {
        Outage outage = begun;
        IOException cause = lostBecause;
        while (conversation.awaitNeed()) {
            outage = outage == null ? new Outage(true) : outage;
            if (outage.isOver()) {
                giveUp(cause);
                outage = null;
                continue;
            }
            Duration tryFor = outage.awaitNextTry();
            if (tryFor == null) {
                return null;
            }
            try {
                FrameSocket connected = connect(tryFor);
                LOG.info("connected to {} again", server);
                return connected;
            } catch (NotWelcomeException e) {
                giveUp(e);
                outage = null;
            } catch (IOException e) {
                cause = e;
            }
        }
        return null;
    }

    private void giveUp(IOException cause) {
        conversation.fail(new ConnectionLostException(
                "the connection to the server at " + server + " was lost, and there was no other within "
                        + options.reconnectFor().toMillis() + " ms (" + cause.getMessage()
                        + "); attach to the tasks by their ids when there is a server again",
                cause));
    }

    /** The first of the servers that takes this client; the others have their part of the time too. */
    private FrameSocket connect(Duration timeout) throws IOException {
        IOException failure = null;
        for (int i = 0; i < servers.size(); i++) {
            InetSocketAddress address = servers.get(i);
            try {
                FrameSocket connected = connect(address, timeout.dividedBy(servers.size()));
                Collections.rotate(servers, -i);
                return connected;
            } catch (IOException e) {
                // One that refuses for good says nothing of the others.
                failure = failure == null || failure instanceof NotWelcomeException ? e : failure;
            }
        }
        throw failure == null ? new IOException("expected a server at least, got none") : failure;
    }

    private FrameSocket connect(InetSocketAddress address, Duration timeout) throws IOException {
        int timeoutMs = (int) Math.max(1, timeout.toMillis());
        FrameSocket connected = FrameSocket.connect(address, timeoutMs, ProtocolLimits.MAX_FRAME_BYTES, this::hold);
        try {
            connected.setReceiveTimeoutMs(timeoutMs);
            connected.send(Frames.encode(new Hello.Sender(options.token())));
            byte[] frame = connected.receive();
            ToSender answer = ToSender.read(frame, 0, frame.length);
            if (answer instanceof Welcome welcome) {
                connected.setReceiveTimeoutMs(
                        welcome.silenceMs(options.silence().toMillis()));
                // Not the name: another address of it may be another machine, and not every name may stand in a URL.
                httpApi = httpApi(welcome, connected.reached().getHostAddress());
                conversation.connected(welcome);
                return connected;
            }
            throw notWelcome(answer);
        } catch (ProtocolException e) {
            close(connected);
            throw new IOException("the server at " + server + " does not speak this protocol: " + e.getMessage(), e);
        } catch (EOFException e) {
            close(connected);
            throw new IOException("the server at " + server + " closed the connection without a welcome", e);
        } catch (IOException e) {
            close(connected);
            throw e;
        }
    }

    private static @Nullable URI httpApi(Welcome welcome, String host) throws ProtocolException {
        HttpApi api = welcome.httpApi();
        try {
            return api == null ? null : api.seenFrom(host);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException(
                    ErrorCode.BAD_MESSAGE, "welcome.http_url: expected an http or https URL, got " + api.url());
        }
    }

    /** Where the HTTP API of the server is that welcomed this client last; null if it tells of none. */
    @Nullable
    URI httpApi() {
        return httpApi;
    }

    private static IOException notWelcome(ToSender answer) {
        if (!(answer instanceof ErrorMessage error)) {
            return new IOException("the server did not welcome this client, but said " + answer);
        }
        String text = "the server did not welcome this client: " + error.code() + ": " + error.message();
        boolean isFinal = error.code().equals(ErrorCode.UNAUTHORIZED.wireName())
                || error.code().equals(ErrorCode.UNSUPPORTED_PROTOCOL.wireName());
        return isFinal ? new NotWelcomeException(text) : new IOException(text);
    }

    /** Sends and receives until the connection is lost, and returns why it was. */
    private IOException talk(FrameSocket connected) throws InterruptedException {
        AtomicReference<@Nullable IOException> lost = new AtomicReference<>();
        Thread reader = new Thread(
                () -> {
                    lost.compareAndSet(null, receive(connected));
                    conversation.disconnected();
                },
                "divvy-client-reader");
        reader.setDaemon(true);
        reader.start();
        try {
            for (ByteBuffer frame = conversation.next(); frame != null; frame = conversation.next()) {
                connected.send(frame);
            }
        } catch (IOException e) {
            reader.join(LAST_WORDS_MS);
            lost.compareAndSet(null, e);
        }
        close(connected);
        reader.join();
        IOException cause = lost.get();
        return cause == null ? new ClientClosedException() : cause;
    }

    /** Hears messages until there are no more, and returns why. */
    private IOException receive(FrameSocket connected) {
        try {
            while (true) {
                byte[] frame = connected.receive();
                conversation.hear(ToSender.read(frame, 0, frame.length));
            }
        } catch (SocketTimeoutException e) {
            close(connected); // Also ends a write that nobody takes.
            return new IOException("the server sent nothing for too long", e);
        } catch (EOFException e) {
            return new IOException("the server closed the connection", e);
        } catch (IOException e) {
            return e;
        } catch (ProtocolException | RuntimeException e) {
            // It would say the same again.
            IOException cause = new IOException(
                    "the server at " + server + " sent something that is not of this protocol: " + e.getMessage(), e);
            conversation.fail(cause);
            return cause;
        }
    }

    /** Breaks off whatever is going on, and waits until the threads have ended. The conversation is closed before. */
    void close() {
        Closeable open;
        Thread running;
        synchronized (this) {
            closed = true;
            open = socket;
            running = thread;
        }
        if (open != null) {
            close(open);
        }
        if (running != null) {
            try {
                running.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** From before it is connected, so that {@link #close} can break that off too. */
    private synchronized void hold(Closeable connecting) {
        socket = connecting;
        if (closed) {
            close(connecting);
        }
    }

    private static void close(Closeable closing) {
        try {
            closing.close();
        } catch (IOException e) {
            LOG.debug("closing a connection failed: {}", e.getMessage());
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
