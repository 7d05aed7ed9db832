package io.divvy.scheduler.world;

import io.divvy.protocol.Message;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** One connection of a sender, and what it is owed there. */
final class SenderConnection extends Connection {
    private final SimulatedSender sender;
    final OwedAnswers owed;
    private boolean isShut;
    private long idleTimeoutMs = Long.MAX_VALUE;

    SenderConnection(World world, SimulatedServer server, SimulatedSender sender, SplittableRandom random) {
        super(world, server, random);
        this.sender = sender;
        this.owed = sender.newAnswers();
        world.senders().opened(this);
    }

    // The sender's end of it.

    /** @param asked notes what is owed for that, when the server hears it */
    void toServer(Message message, Runnable asked) {
        arrives(() -> {
            world.note(() -> "    " + sender + " says " + message);
            asked.run();
            receive(message);
        });
    }

    /** What is no message, or makes no sense. */
    void garbageToServer(String text, Runnable asked) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        arrives(() -> {
            world.note(() -> "    " + sender + " says " + text);
            asked.run();
            receive(bytes, 0, bytes.length);
        });
    }

    @Override
    boolean isHeard() {
        return sender.connection == this;
    }

    @Override
    void isLost() {
        sender.lost(this);
    }

    // The server's end of it. An oracle must not throw there.

    @Override
    boolean inputEnds() {
        isShut = true;
        return super.inputEnds();
    }

    @Override
    void sends(byte[] bytes, int offset, int length) {
        world.check(() -> {
            Runnable heard = owed.said(bytes, offset, length, isClosed());
            if (!isClosed()) {
                toClient(heard);
            }
        });
    }

    @Override
    void leaves() {
        owed.closed();
        world.senders().closed(this);
    }

    @Override
    void closes(String reason) {
        world.check(() -> Violation.unless(
                owed.mayBeClosed() || isShut && !owed.isOwed(),
                () -> "the server closes the " + this + ", which is owed " + owed + ": " + reason));
        leaves();
    }

    @Override
    public void setIdleTimeoutMs(long timeoutMs) {
        idleTimeoutMs = timeoutMs;
    }

    /** What has to be so between two turns of the server. */
    void requireRight() {
        if (isClosed()) {
            return;
        }
        Violation.unless(
                !isShut || owed.isOwed(),
                () -> "the " + this + " is open, though it is owed nothing and sends no more");
        Violation.unless(
                !owed.waitsForTask() || idleTimeoutMs == Long.MAX_VALUE,
                () -> "the " + this + " is closed after " + idleTimeoutMs + " ms, though it waits for " + owed);
        Violation.unless(
                !isPaused() || owed.isOwed(), () -> "the " + this + " is not read from, though it is owed nothing");
    }

    @Override
    public String toString() {
        return "connection of " + sender;
    }
}
