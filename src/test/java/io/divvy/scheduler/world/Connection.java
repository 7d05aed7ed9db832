package io.divvy.scheduler.world;

import io.divvy.net.ConnectionHandler;
import io.divvy.net.Peer;
import io.divvy.net.Timeline;
import io.divvy.protocol.Frames;
import io.divvy.protocol.Message;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * One connection of a client to one life of the server. Frames come in the order in which they were sent, each way, after a while;
 * of two connections nothing is known. When it is cut, what is on its way is lost, and each end hears of it when it does.
 */
abstract class Connection implements Peer {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);

    final SimulatedServer server;
    final World world;
    private final SplittableRandom random;
    private final int mostDelayMs;

    private boolean isCut;
    private long stalledUntilMs;
    private long lastToServerMs;
    private long lastToClientMs;

    // The server's end of it.

    private ConnectionHandler handler;
    private boolean isClosed;
    private boolean isPaused;
    private long pausedMs;
    /** After so long without anything else the server shows a sign of life; 0 if it does not. */
    long quietMs;
    /** What came while it was not read from. */
    private final Deque<Runnable> unread = new ArrayDeque<>();

    Connection(World world, SimulatedServer server, SplittableRandom random) {
        this.world = world;
        this.server = server;
        this.random = random;
        this.mostDelayMs = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 10);
        this.handler = server.accept(this);
    }

    // The client's end of it.

    /** Whether it is the one on which its client listens. */
    abstract boolean isHeard();

    /** Its client hears that it is gone. */
    abstract void isLost();

    /** Does at the server what comes there now. */
    final void arrives(Runnable delivery) {
        lastToServerMs = Math.max(lastToServerMs, arrivalMs());
        world.scheduleAt(lastToServerMs, () -> {
            if (!isCut) {
                server.inLoop(() -> deliver(delivery));
            }
        });
    }

    private void deliver(Runnable delivery) {
        if (isClosed) {
            return;
        }
        // What came in the same moment was read with what led to the pause.
        if (unread.isEmpty() && (!isPaused || pausedMs == world.nowMs())) {
            delivery.run();
        } else {
            unread.add(delivery);
        }
    }

    private void readOn() {
        while (!isClosed && !isPaused && !unread.isEmpty()) {
            unread.remove().run();
        }
    }

    /** The server looks at a message. */
    final void receive(Message said) {
        byte[] frame = Frames.encode(said).array();
        receive(frame, Frames.HEADER_BYTES, frame.length - Frames.HEADER_BYTES);
    }

    /** The server looks at what may be no message. */
    final void receive(byte[] bytes, int offset, int length) {
        server.hears(this, () -> handler.onFrame(bytes, offset, length));
    }

    /** The client closes it, or is dead: the server hears of that behind all that was sent. */
    final void leave() {
        arrives(this::endNow);
    }

    /** The client sends nothing more, and still listens. */
    final void shut() {
        arrives(() -> {
            if (!inputEnds()) {
                endNow();
            }
        });
    }

    /** The server hears that. Returns whether the connection stays open. */
    boolean inputEnds() {
        boolean[] stays = new boolean[1];
        server.hears(this, () -> stays[0] = handler.onInputEnd());
        return stays[0];
    }

    /** The server hears that its client is gone. */
    final void gone() {
        server.inLoop(this::endNow);
    }

    private void endNow() {
        if (!isClosed) {
            isClosed = true;
            leaves();
            server.hears(this, () -> handler.onClosed("closed without a word"));
        }
    }

    /** The server is about to hear that the client is gone. */
    void leaves() {}

    // The server's end of it.

    final boolean isClosed() {
        return isClosed;
    }

    /** Whether the server does not read from it. */
    final boolean isPaused() {
        return isPaused;
    }

    /** The server sends this, a frame without its header. */
    abstract void sends(byte[] bytes, int offset, int length);

    /** The server closes it. */
    void closes(String reason) {}

    @Override
    public void setHandler(ConnectionHandler newHandler) {
        handler = newHandler;
    }

    @Override
    public void send(ByteBuffer frame) {
        byte[] bytes = frame.array();
        sends(bytes, Frames.HEADER_BYTES, bytes.length - Frames.HEADER_BYTES);
    }

    @Override
    public void sendInCompany(ByteBuffer frame) {
        send(frame);
    }

    /** Does at the client what comes there now. */
    final void toClient(Runnable delivery) {
        lastToClientMs = Math.max(lastToClientMs, arrivalMs());
        world.scheduleAt(lastToClientMs, () -> {
            if (!isCut && isHeard()) {
                delivery.run();
            }
        });
    }

    @Override
    public void close(String reason) {
        if (isClosed) {
            return;
        }
        world.note(() -> "    the server closes the " + this + ": " + reason);
        if (reason.startsWith("the server failed")) {
            world.violated(new Violation("the server fails in something for the " + this));
        }
        closes(reason);
        isClosed = true;
        toClient(() -> {
            cut();
            isLost();
        });
    }

    @Override
    public boolean isOpen() {
        return !isClosed;
    }

    @Override
    public Timeline.Scheduled schedule(long dueMs, Runnable action) {
        return server.schedule(dueMs, action);
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return ADDRESS;
    }

    @Override
    public void setIdleTimeoutMs(long timeoutMs) {
        // Nobody in the world waits for a connection for its own sake.
    }

    @Override
    public void sendWhenQuiet(ByteBuffer frame, long periodMs) {
        quietMs = periodMs; // Clients of the world do not miss the server, but want to be able to.
    }

    @Override
    public long outboundBytes() {
        return 0;
    }

    @Override
    public void pause() {
        if (!isPaused) {
            isPaused = true;
            pausedMs = world.nowMs();
        }
    }

    @Override
    public void resume() {
        if (isPaused) {
            isPaused = false;
            world.schedule(0, () -> server.inLoop(this::readOn));
        }
    }

    // What befalls it.

    private long arrivalMs() {
        return Math.max(world.nowMs() + random.nextInt(mostDelayMs), stalledUntilMs);
    }

    void stall(long ms) {
        stalledUntilMs = Math.max(stalledUntilMs, world.nowMs() + ms);
    }

    final boolean isCut() {
        return isCut;
    }

    /** Nothing goes through it any more. Who hears of that, and when, is another matter. */
    void cut() {
        isCut = true;
    }
}
