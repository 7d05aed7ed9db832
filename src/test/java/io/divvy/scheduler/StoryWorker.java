package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.Effect.Assign;
import io.divvy.state.TaskId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A worker in a story: what it is told waits in its inbox until the story takes it out. */
final class StoryWorker {
    static final long HEARTBEAT_MS = 5_000;

    final WorkerId id;
    final String name;
    private final SchedulerStory story;
    private final Deque<Effect> inbox = new ArrayDeque<>();
    /** Tasks that were described to it and that it was not told to forget. */
    private final Set<TaskId> known = new LinkedHashSet<>();

    /** Tasks that it offered results of, though they were not described on this connection. */
    private final Set<TaskId> offered = new LinkedHashSet<>();

    private String host = "10.0.0.1";
    private boolean plain;
    private int slots = 1;
    private int credit;

    @Nullable
    private Set<String> types;

    private Set<String> derives = Set.of();
    private boolean acks;

    @Nullable
    private String instance;

    boolean connected;

    StoryWorker(SchedulerStory story, WorkerId id, String name) {
        this.story = story;
        this.id = id;
        this.name = name;
    }

    StoryWorker from(String address) {
        host = address;
        return this;
    }

    StoryWorker plain() {
        plain = true;
        return this;
    }

    /** One unless the story says otherwise. */
    StoryWorker slots(int atOnce) {
        slots = atOnce;
        return this;
    }

    /** As much as it has slots, unless the story says otherwise: it holds nothing that it does not run. */
    StoryWorker credit(int unanswered) {
        credit = unanswered;
        return this;
    }

    StoryWorker takesOnly(String... names) {
        types = Set.of(names);
        return this;
    }

    StoryWorker derives(String... names) {
        derives = Set.of(names);
        return this;
    }

    /** It wants to hear what of its answers is durable. */
    StoryWorker acks() {
        acks = true;
        return this;
    }

    /** What it says on each of its connections, so that it is known again. */
    StoryWorker instance(String same) {
        instance = same;
        return this;
    }

    StoryWorker joins() {
        connected = true;
        story.feed(new Event.WorkerJoined(
                id,
                new WorkerIdentity(host, name),
                plain
                        ? WorkerTerms.plain(types)
                        : WorkerTerms.heartbeatEvery(HEARTBEAT_MS)
                                .slots(slots)
                                .credit(credit)
                                .takes(types)
                                .derives(derives)
                                .acks(acks)
                                .instance(instance)
                                .build()));
        return this;
    }

    /** Its connection ends, without a word. */
    void leaves() {
        leaves("closed by the peer");
    }

    void leaves(String reason) {
        connected = false;
        inbox.clear();
        story.feed(new Event.WorkerLeft(id, reason));
    }

    /** What the process that had its name before ended with. */
    void saysExitCode(int exitCode) {
        story.feed(new Event.ExitCodeTold(id, exitCode));
    }

    /** It says something that cannot be read, which may have been for a lease and an index. */
    void saysNonsense(@Nullable Long lease, @Nullable Long index, String message, boolean endsConnection) {
        story.feed(new Event.AnswerBroken(id, lease, index, message, endsConnection));
    }

    void drains() {
        story.feed(new Event.WorkerDraining(id));
    }

    /** Somebody else wants it to leave. */
    void isAskedToDrain() {
        story.feed(new Event.WorkerDrainRequested(id));
    }

    void declines(String task) {
        story.feed(new Event.SplitDeclined(id, new TaskId(task)));
    }

    void beats() {
        story.feed(new Event.Heartbeat(id, Map.of()));
    }

    /** A heartbeat that says which index of a lease it will start next. */
    void beats(Assign lease, long nextIndex) {
        story.feed(new Event.Heartbeat(id, Map.of(lease.lease(), nextIndex)));
    }

    void answers(Assign lease) {
        answers(lease, lease.from(), lease.to());
    }

    void answers(Assign lease, long from, long to) {
        answers(lease.lease(), from, to);
    }

    void answers(long lease, long from, long to) {
        answers(lease, from, to, 8 * Math.max(0, to - from));
    }

    void answers(long lease, long from, long to, long sizeBytes) {
        story.feed(Event.ResultsArrived.each(id, lease, from, to, new IndexResults(from, to - from, sizeBytes)));
    }

    /** Answers a part of a lease with one result. */
    void answersCombined(Assign lease, long from, long to) {
        story.feed(Event.ResultsArrived.combined(id, lease.lease(), from, to, IndexResults.of(from, to)));
    }

    /** Answers a part of a lease with results that are null, but for one. */
    void answersNullsBut(Assign lease, long from, long to, long index) {
        story.feed(Event.ResultsArrived.each(
                id, lease.lease(), from, to, new MostlyNulls(new IndexResults(from, to - from, 0), index)));
    }

    /** Offers what the task's way to combine does not take. */
    void offersNonsense(String task, long index, String message) {
        offered.add(new TaskId(task));
        story.feed(new Event.OfferUnusable(id, new TaskId(task), index, message));
    }

    void offers(String task, long from, long to) {
        offered.add(new TaskId(task));
        story.feed(new Event.ResultsOffered(id, new TaskId(task), from, to, IndexResults.of(from, to)));
    }

    void releases(Effect.Revoke revoke, long from) {
        releases(revoke.lease(), from);
    }

    void releases(long lease, long from) {
        story.feed(new Event.LeaseReleased(id, lease, from));
    }

    void fails(Assign lease, long index) {
        fails(lease, index, "division by zero");
    }

    void fails(Assign lease, long index, String message) {
        story.feed(new Event.SubtaskFailed(id, lease.lease(), index, message, true));
    }

    void failsForGood(Assign lease, long index, String message) {
        story.feed(new Event.SubtaskFailed(id, lease.lease(), index, message, false));
    }

    /** Answers every lease, also those that come in reply, until none is left. */
    void answersAll() {
        while (hasLease()) {
            answers(takeLease());
        }
    }

    boolean hasLease() {
        return inbox.peek() instanceof Assign;
    }

    /** Every lease in the inbox; what else was there is not of interest. */
    List<Assign> takeAllLeases() {
        List<Assign> leases = inbox.stream()
                .filter(Assign.class::isInstance)
                .map(Assign.class::cast)
                .toList();
        inbox.clear();
        return leases;
    }

    /** The next message, whatever it is, or null. */
    @Nullable
    Effect poll() {
        return inbox.poll();
    }

    /** Whether it may not have been told yet that it need not keep its offers of the task. */
    boolean keeps(String task) {
        return offered.contains(new TaskId(task));
    }

    boolean knows(String task) {
        return known.contains(new TaskId(task));
    }

    Assign takeLease() {
        return assertInstanceOf(Assign.class, next("a lease"), () -> name + " is told");
    }

    Assign takeLease(String task, long from, long to) {
        Assign lease = takeLease();
        assertEquals(
                task + " [" + from + ", " + to + ")", lease.task() + " [" + lease.from() + ", " + lease.to() + ")");
        return lease;
    }

    Effect.Revoke isAskedToGiveBack() {
        return assertInstanceOf(Effect.Revoke.class, next("to give something back"), () -> name + " is told");
    }

    void isAskedToStop(Assign lease) {
        assertEquals(new Effect.CancelLease(id, lease.lease()), next("to stop " + lease));
    }

    void isAcked(long lease, long from, long to) {
        Effect.Ack ack = assertInstanceOf(Effect.Ack.class, next("an ack"));
        assertEquals(
                "lease " + lease + " [" + from + ", " + to + ")",
                "lease " + ack.lease() + " [" + ack.from() + ", " + ack.to() + ")");
    }

    /** Other messages stay in the inbox. */
    void takeAckOf(long lease, long from, long to) {
        Effect ack = inbox.stream()
                .filter(Effect.Ack.class::isInstance)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " got no ack, but " + inbox));
        inbox.remove(ack);
        assertEquals(lease, ((Effect.Ack) ack).lease());
        assertEquals(from + " " + to, ((Effect.Ack) ack).from() + " " + ((Effect.Ack) ack).to());
    }

    void hasNoAck() {
        assertTrue(inbox.stream().noneMatch(Effect.Ack.class::isInstance), () -> name + " got " + inbox);
    }

    void isAcked(String task, long from, long to) {
        assertEquals(new Effect.Ack(id, null, new TaskId(task), from, to), next("an ack"));
    }

    void isToldToCancel(String task) {
        assertEquals(new Effect.CancelWork(id, new TaskId(task)), next("to cancel " + task));
    }

    /** Leases that came before it stay in the inbox. */
    Refusal isRefused(Refusal.Kind kind) {
        Effect refusal = inbox.stream()
                .filter(Effect.RefuseMessage.class::isInstance)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " was refused nothing, but was told " + inbox));
        inbox.remove(refusal);
        Refusal why = ((Effect.RefuseMessage) refusal).refusal();
        assertEquals(kind, why.kind(), why.message());
        return why;
    }

    void isToldToGoAway() {
        assertEquals(new Effect.GoAway(id), next("to go away"));
    }

    void isDropped(String reason) {
        assertEquals(new Effect.DropWorker(id, reason), next("to be dropped"));
    }

    void hasNothing() {
        assertTrue(inbox.isEmpty(), () -> name + " has unexpected messages: " + inbox);
    }

    /** Takes in what the core tells this worker, and holds the core to what every worker relies on. */
    void receive(Effect effect) {
        assertTrue(connected, () -> name + " is gone, but is told " + effect);
        if (effect instanceof Effect.DescribeTask described) {
            assertFalse(plain, "dialect 1 has no task descriptions");
            assertTrue(known.add(described.task()), () -> described.task() + " is described a second time to " + name);
        } else if (effect instanceof Effect.Forget forget) {
            assertTrue(
                    known.remove(forget.task()) || offered.remove(forget.task()),
                    () -> name + " is to forget " + forget.task() + ", never described");
        } else {
            if (effect instanceof Assign lease) {
                requireUsable(lease);
            }
            inbox.add(effect);
            connected = !(effect instanceof Effect.DropWorker);
        }
    }

    private void requireUsable(Assign lease) {
        assertTrue(plain || known.contains(lease.task()), () -> name + " gets a lease of a task it does not know");
        assertTrue(!plain || lease.to() - lease.from() == 1, () -> name + " gets more than one subtask: " + lease);
        if (lease.payloads() instanceof IndexPayloads payloads) {
            assertEquals(new IndexPayloads(lease.from(), lease.to()), payloads);
        } else {
            assertNotEquals(Set.of(), derives, () -> name + " derives nothing, but gets no payloads: " + lease);
        }
    }

    private Effect next(String expected) {
        Effect effect = inbox.poll();
        if (effect == null) {
            throw new AssertionError(name + " was told nothing, expected " + expected);
        }
        return effect;
    }
}
