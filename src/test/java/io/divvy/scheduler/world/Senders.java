package io.divvy.scheduler.world;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** All senders of a world: those with a connection, of both dialects, and those that come to the desk. */
final class Senders {
    private static final int RESUBMIT_WITHIN_MS = 500;
    private static final int LOST_WITHIN_MS = 100;
    /** Longer than a cancellation waits for its task, and than the server stands still. */
    private static final long WAITS_ON_MS = 60_000;

    private final World world;
    private final SplittableRandom random;
    final DeskSenders desk;
    /** Those that live. */
    private final List<SimulatedSender> connected = new ArrayList<>();
    /** Connections to the present life of the server, also those that ended not long ago. */
    private final List<SenderConnection> connections = new ArrayList<>();

    private int started;

    Senders(World world, SimulatedStore store, SplittableRandom random) {
        this.world = world;
        this.random = random;
        this.desk = new DeskSenders(world, store);
    }

    /** One of those that live, or a new one if there are fewer of its dialect than this. */
    SimulatedSender pick(boolean isPlain, int most, SplittableRandom salt) {
        List<SimulatedSender> same = new ArrayList<>(connected);
        same.removeIf(sender -> sender instanceof PlainSender != isPlain);
        int pick = salt.nextInt(most);
        return pick < same.size() ? same.get(pick) : start(isPlain);
    }

    private SimulatedSender start(boolean isPlain) {
        String name = (isPlain ? "plain sender " : "sender ") + ++started;
        SimulatedSender fresh = isPlain
                ? new PlainSender(world, name, random.split())
                : new RequestingSender(world, name, random.split());
        connected.add(fresh);
        world.note(() -> fresh + " starts");
        fresh.connect();
        return fresh;
    }

    /** One of those with a connection, or null if there is none. */
    @Nullable
    SimulatedSender pickConnected(SplittableRandom salt) {
        List<SimulatedSender> all = new ArrayList<>(connected);
        all.removeIf(sender -> sender.connection == null);
        return all.isEmpty() ? null : all.get(salt.nextInt(all.size()));
    }

    void opened(SenderConnection connection) {
        connections.add(connection);
    }

    /** Tasks that were to be cancelled are waited for a while longer. */
    void closed(SenderConnection connection) {
        world.schedule(WAITS_ON_MS, () -> connections.remove(connection));
    }

    /** The process is gone; the server hears of that as it does. */
    void die(SimulatedSender sender) {
        sender.die();
        connected.remove(sender);
    }

    void serverDied() {
        desk.serverDied();
        connections.clear();
        for (SimulatedSender sender : connected) {
            SenderConnection lost = sender.connection;
            if (lost != null) {
                lost.cut();
                world.schedule(random.nextInt(LOST_WITHIN_MS), () -> sender.lost(lost));
            }
        }
    }

    void serverIsBack(SimulatedServer fresh) {
        desk.submitAgain(fresh, random, RESUBMIT_WITHIN_MS);
    }

    // What has to be so.

    boolean areServed() {
        return desk.unanswered().isEmpty() && connected.stream().allMatch(SimulatedSender::isServed);
    }

    /** What is between two turns of the server. */
    void requireRight(SimulatedServer server) {
        int most = desk.mostWatchers();
        for (SenderConnection connection : connections) {
            connection.requireRight();
            most += connection.owed.mostWatchers();
        }
        int there = server.watchers();
        int right = most;
        Violation.unless(
                there <= right,
                () -> there + " wait for tasks at the server, but only " + right + " asked for that and are there");
    }

    /** All go. */
    void leave() {
        for (SimulatedSender sender : List.copyOf(connected)) {
            SenderConnection connection = sender.connection;
            Violation.unless(connection == null || !connection.isPaused(), () -> "nobody reads from the " + connection);
            die(sender);
            if (connection != null) {
                connection.gone();
            }
        }
    }

    /** What they have no answer to, in words. */
    String unserved() {
        return desk.unanswered() + " and "
                + connected.stream()
                        .filter(sender -> !sender.isServed())
                        .map(SimulatedSender::toString)
                        .toList();
    }
}
