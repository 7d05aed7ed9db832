package io.divvy.scheduler.world;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.instrument.UnmodifiableClassException;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulated world bites: it finds each of these faults in the core, in the worker's, and in what is around the core. */
class MutantsTest {
    private static final long MOST_SEEDS = 200;
    /** The same for rare ones, which only {@code mvn test -Psimulation} looks for. */
    private static final long MOST_SEEDS_OF_RARE = 600;

    private static final boolean WITH_RARE = Boolean.getBoolean("divvy.mutants.rare");

    static Stream<Mutant> mutants() {
        return Stream.of(
                        FormerFaults.all(),
                        ofTheScheduler(),
                        WorkerMutants.all(),
                        ServerMutants.all(),
                        SenderMutants.all())
                .flatMap(mutants -> mutants)
                .filter(mutant -> WITH_RARE || !mutant.isRare());
    }

    private static Stream<Mutant> ofTheScheduler() {
        return Stream.of(
                new Mutant(
                        "the leases of a worker that goes away are lost",
                        "LeaseBook",
                        "            endUnanswered(lease);\n        }\n        holds.stop",
                        "            lease.close(timers);\n        }\n        holds.stop"),
                new Mutant(
                        "a suspect on trial runs beside others",
                        "Dispatcher",
                        "        if (worker.creditUsed() > 0) {\n            trials.reserve",
                        "        if (worker.creditUsed() < 0) {\n            trials.reserve"),
                new Mutant(
                        "who is quarantined is never let go",
                        "Quarantine",
                        "        held.remove(worker.identity, worker);\n        release.accept(worker);",
                        "        held.remove(worker.identity, worker);"),
                new Mutant(
                        "a result that comes twice counts twice",
                        "Accounting",
                        "for (Range range : chunk.closed.gapsWithin(from, to)) {",
                        "for (Range range : List.of(new Range(from, to))) {"),
                new Mutant(
                        "an idle worker is not woken when a task has work again",
                        "Dispatcher",
                        "            line.open(task);",
                        ""),
                new Mutant(
                                "what was stopped stays on the books",
                                "LeaseBook",
                                "endUnanswered(lease); // If something",
                                "// If something")
                        .rare(),
                new Mutant(
                        "what waits is looked at only once",
                        "Preemption",
                        "        timer = null;\n        readyTasks.age",
                        "        readyTasks.age"),
                new Mutant(
                        "what a worker holds is looked at only once",
                        "HoldWatch",
                        "            schedule(worker, Math.max(1, dueMs(worker) - outbox.peerMs()));",
                        ""),
                new Mutant(
                        "an answer may reach one index beyond its lease",
                        "Lease",
                        "from < to && to <= this.to;",
                        "from < to && to <= this.to + 1;"),
                new Mutant(
                        "an ack does not wait for the commit",
                        "Journal",
                        "        if (!savesProgress) {\n            outbox.emit(ack);",
                        "        if (limits != null) {\n            outbox.emit(ack);"),
                new Mutant(
                        "a task is accepted before it is durable",
                        "TaskLifecycle",
                        "gate.afterCommit(acceptance.creationCommit, () -> {",
                        "gate.afterCommit(0, () -> {"),
                new Mutant(
                        "a failed subtask never comes back",
                        "Accounting",
                        "            task.indexes.endBackoff(chunk, index, history, outbox.nowMs());",
                        ""),
                new Mutant(
                        "a paused task is leased",
                        "TaskState",
                        "phase == Phase.ACTIVE && !spec.paused() && !deadlines.isTooEarly();",
                        "phase == Phase.ACTIVE && !deadlines.isTooEarly();"),
                new Mutant(
                        "a task begins before its time",
                        "TaskDeadlines",
                        "return holdOff != null || notBefore != null;",
                        "return holdOff != null;"),
                new Mutant(
                        "a task that is resumed is forgotten",
                        "Patches",
                        "        dispatcher.refresh(task);",
                        "        if (task.spec.paused()) { dispatcher.refresh(task); }"),
                new Mutant(
                        "a change is told of before it is durable",
                        "Patches",
                        "gate.afterCommit(commit,",
                        "gate.afterCommit(0,"),
                new Mutant("an answer frees no credit", "LeaseAnswers", "            lease.freeCredit(answered);", ""),
                new Mutant(
                        "results are folded as they come",
                        "Accounting",
                        "} else if (!chunk.isNext(part)) {",
                        "} else if (part == null) {"),
                new Mutant(
                        "results that wait for lower ones are not saved",
                        "Chunk",
                        "unsavedParts.headMap(coveredTo).clear();",
                        "unsavedParts.clear();"),
                new Mutant(
                        "after a restart a chunk does not know how far it was folded",
                        "Chunk",
                        "        foldedTo = progress.foldedTo();",
                        ""),
                new Mutant(
                        "after a restart failed attempts are forgotten",
                        "SubtaskHistories",
                        "            history.attempts = attempts.attempts();",
                        ""),
                new Mutant(
                        "the result that comes first is taken for the first",
                        "Accounting",
                        "task.spec.earlyEnd() == EarlyEnd.ANY ? 0",
                        "task.spec.earlyEnd() != EarlyEnd.NONE ? 0"),
                new Mutant(
                        "what is saved still counts as unsaved",
                        "Journal",
                        "            unsavedResults.change(task, -bytes);",
                        ""),
                new Mutant(
                        "a worker that falls silent is never missed",
                        "Workers",
                        "        if (!worker.plain) {\n            watchHeartbeat(worker);\n        }",
                        ""),
                new Mutant(
                                "a worker owes an answer for a task that it was told to drop",
                                "WorkerView",
                                "        known.forget(task);\n        headway.repayFor(task);",
                                "        known.forget(task);")
                        .rare(),
                new Mutant(
                        "time runs backwards with the clock",
                        "Outbox",
                        "this.nowMs = Math.max(this.nowMs, nowMs);",
                        "this.nowMs = nowMs;"));
    }

    private static KnownSeeds known;

    @BeforeAll
    static void readKnownSeeds() throws IOException {
        known = KnownSeeds.read();
    }

    @AfterAll
    static void writeKnownSeeds() throws IOException {
        if (KnownSeeds.ARE_WRITTEN) {
            known.write();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void isFound(Mutant mutant) throws ReflectiveOperationException, UnmodifiableClassException, IOException {
        long seeds = mutant.isRare() ? MOST_SEEDS_OF_RARE : MOST_SEEDS;
        LoadedCore.tryWith(mutant.compile(), probe -> {
            Long shownBy = known.of(mutant.fault());
            if (shownBy != null && shownBy < seeds && probe.apply(shownBy) != null) {
                return;
            }
            LongStream showing = LongStream.range(0, seeds).parallel().filter(seed -> probe.apply(seed) != null);
            OptionalLong shown = KnownSeeds.ARE_WRITTEN ? showing.findFirst() : showing.findAny();
            if (shown.isEmpty()) {
                fail("no seed up to " + seeds + " shows that " + mutant);
            }
            known.put(mutant.fault(), shown.getAsLong());
        });
    }

    /** What finds the faults is the world, not the way in which they are put into the core. */
    @Test
    void theCoreAsItIsHasNoFault() throws ReflectiveOperationException, UnmodifiableClassException, IOException {
        Mutant none = new Mutant("nothing is wrong", "Outbox", "nowMs = Math.max", "nowMs = Math.max");
        LoadedCore.tryWith(
                none.compile(),
                probe -> LongStream.range(0, 4).parallel().forEach(seed -> {
                    String failure = probe.apply(seed);
                    if (failure != null) {
                        fail("seed " + seed + ": " + failure);
                    }
                }));
    }
}
