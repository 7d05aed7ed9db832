package io.divvy.scheduler.world;

import io.divvy.protocol.Hello;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A sender process that speaks over a connection: it loses that, comes back, and asks again what it got no answer to. What is owed
 * on a connection is held against what comes by {@link OwedAnswers}.
 */
abstract class SimulatedSender {
    private static final long RECONNECT_MS = 300;

    final World world;
    final String name;
    private final SplittableRandom random;

    @Nullable
    SenderConnection connection;

    private boolean isAlive = true;
    /** Whether it shut its side of the connection: what it has to say waits for the next one. */
    private boolean hasShut;

    SimulatedSender(World world, String name, SplittableRandom random) {
        this.world = world;
        this.name = name;
        this.random = random;
    }

    abstract Hello hello();

    /** What is owed on a new connection. */
    abstract OwedAnswers newAnswers();

    /** It says again what has no answer. */
    abstract void askAgain();

    abstract void submit(Wanted wanted, SplittableRandom salt);

    /** It says something that makes no sense; now and then so that the server closes the connection. */
    abstract void lie(SplittableRandom salt);

    /** Whether it has all answers, and waits for no end of a task. */
    abstract boolean isServed();

    // Its life.

    final boolean isAlive() {
        return isAlive;
    }

    final void connect() {
        if (!isAlive || connection != null) {
            return;
        }
        SimulatedServer server = world.server();
        if (!server.isRunning()) {
            world.schedule(RECONNECT_MS, this::connect);
            return;
        }
        SenderConnection fresh = new SenderConnection(world, server, this, random.split());
        connection = fresh;
        hasShut = false;
        fresh.toServer(hello(), () -> {});
        askAgain();
    }

    /** It heard that the connection is gone. */
    final void lost(SenderConnection gone) {
        if (connection == gone) {
            connection = null;
            world.schedule(1 + random.nextInt(1_000), this::connect);
        }
    }

    /** The process is gone. What it submitted goes on. */
    final void die() {
        isAlive = false;
        connection = null;
    }

    /** It sends nothing more on this connection, and waits for what it is owed there. */
    final void shut() {
        if (connection != null && !hasShut) {
            hasShut = true;
            connection.shut();
        }
    }

    /** The connection on which it can say something now, or null. */
    final @Nullable SenderConnection open() {
        return hasShut ? null : connection;
    }

    @Override
    public String toString() {
        return name;
    }
}
