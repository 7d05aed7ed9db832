package io.divvy.scheduler.world;

import java.util.stream.Stream;

/**
 * Faults that the server had: each is put back as it was, and described as who met it would.
 *
 * <p>Those that live in the event loop, in sockets and in combiners are held by other tests: pauses by {@code CatchUpTest},
 * {@code PausedServerTest} and {@code PausedServerIT}; peers that are silent, or send nothing more, by {@code SignsOfLifeTest}
 * and the {@code SilentServerTest} of worker and client; what a fleet does that dies with whatever it gets, by
 * {@code DyingFleetIT}; the answers of nothing by {@code CombinersTest}.
 */
final class FormerFaults {
    private FormerFaults() {}

    static Stream<Mutant> all() {
        return Stream.of(identity(), holding(), priority(), copies(), silence(), poison(), ends())
                .flatMap(faults -> faults);
    }

    /** Results belong to one task, and not to a name. */
    private static Stream<Mutant> identity() {
        return Stream.of(
                new Mutant(
                        "results count for whatever task has the name that their task had",
                        "server.Submissions",
                        "        TaskSpec spec = work.spec(new TaskId(ids.next()), key, fingerprint);",
                        "        String name = key == null || driver.scheduler().isTaken(key) ? ids.next() : String.format(\"018bcfe0-0000-7000-8000-%012x\", key.hashCode() & 0xffffffffL);\n        TaskSpec spec = work.spec(new TaskId(name), key, fingerprint);"),
                new Mutant(
                        "an offer counts though the worker does not take such tasks",
                        "ResultOffers",
                        "        if (!worker.takes(task.spec.type())) {",
                        "        if (worker.id.value() < 0) {"),
                new Mutant(
                                "what a sender calls its task is never free again",
                                "TaskLifecycle",
                                "            bySubmitKey.remove(task.spec.submitKey());",
                                "            java.util.Objects.requireNonNull(task);")
                        .rare(),
                new Mutant(
                        "after a restart nobody knows what a sender called its task",
                        "TaskLifecycle",
                        "\n                || task.spec.submitKey() != null && bySubmitKey.putIfAbsent(task.spec.submitKey(), task) != null) {",
                        ") {"));
    }

    /** What a worker holds is bounded by time. */
    private static Stream<Mutant> holding() {
        return Stream.of(
                new Mutant(
                        "how fast a worker is in one task says how much it gets of the next",
                        "Pace",
                        "            return Math.max(2L * slots, 2 * answered);",
                        "            return (long) Math.max(2L * slots, ofType.within(limits.busyMs()));"),
                new Mutant(
                        "what a worker does not begin in time stays with it",
                        "HoldWatch",
                        "        takeBackUnstarted(worker);",
                        ""),
                new Mutant(
                                "what lay unstarted for too long goes to and fro",
                                "HoldWatch",
                                "                lease.pace.takeBack(lease.to, slow.contains(lease.task));\n                lease.revoke(from, outbox);\n            }\n        }\n        worker.holdsEnough(worker.slots);\n",
                                "                lease.revoke(from, outbox);\n            }\n        }\n")
                        .rare(),
                new Mutant(
                        "what a worker does not give back is leased to nobody else",
                        "HoldWatch",
                        "        shareUnreleased(worker);\n        takeBack",
                        "        takeBack"),
                new Mutant(
                                "who gives nothing back gets more than it runs",
                                "WorkerView",
                                "        return revokes.areIgnored()\n",
                                "        return credit < 0\n")
                        .rare());
    }

    /** Priority means the next free slot. */
    private static Stream<Mutant> priority() {
        return Stream.of(
                new Mutant(
                        "work of higher priority waits for what others hold",
                        "Preemption",
                        "            return rank < first.rank();",
                        "            return rank > first.rank();"),
                new Mutant(
                        "a new task waits for what its equals hold",
                        "Preemption",
                        "        return isNewcomer && (unstarted",
                        "        return isNewcomer && rank < 0 && (unstarted"),
                new Mutant(
                        "a task of low priority starves",
                        "Preemption",
                        "        readyTasks.age(outbox.nowMs(), aged);\n",
                        ""));
    }

    /** A copy takes no slot from real work. */
    private static Stream<Mutant> copies() {
        return Stream.of(
                new Mutant(
                        "a copy runs on whatever else is ready",
                        "Lease",
                        "        if (isAssigned) {\n            outbox.emit(new Effect.CancelLease",
                        "        if (number < 0) {\n            outbox.emit(new Effect.CancelLease"),
                new Mutant(
                        "what another worker runs is copied, and what it has not started stays with it",
                        "Tail",
                        "revokeAny(helper) || speculate(running, helper)",
                        "speculate(running, helper)"));
    }

    /** A pause is not a death, and both ends show signs of life. */
    private static Stream<Mutant> silence() {
        return Stream.of(
                new Mutant(
                        "a pause of the server counts against workers",
                        "Scheduler",
                        "            outbox.lose(event.ms());\n            timers.lose(event.ms());",
                        ""),
                new Mutant(
                        "a connection that was lost is a death though its worker is back",
                        "Losses",
                        "        return loss.suspects;",
                        "        return null;"),
                new Mutant(
                        "a server that has nothing to say shows no sign of life",
                        "server.session.Session",
                        "        peer.sendWhenQuiet(HEARTBEAT, heartbeatMs);\n",
                        ""));
    }

    /** Poison is judged fairly. */
    private static Stream<Mutant> poison() {
        return Stream.of(
                new Mutant(
                        "a death in company counts against a subtask",
                        "WorkerDeaths",
                        "if (running.size() == 1) {",
                        "if (running.size() >= 1) {"),
                new Mutant(
                                "one worker that dies again and again counts as three",
                                "Deaths",
                                "        byWorker.put(worker, ",
                                "        byWorker.put(new WorkerIdentity(worker.host(), worker.name() + ' ' + count), ")
                        .rare(),
                new Mutant(
                        "a worker that never did anything decides that a subtask is poison",
                        "Trials",
                        "                && isCredible(last, type, deaths.sinceMs());",
                        "                && last != null;"),
                new Mutant(
                        "each life of a worker has a name of its own, so that it counts as several",
                        "server.session.WorkerNames",
                        "            numbersOfName.clear(claim.number());\n",
                        ""),
                new Mutant(
                        "who dies with whatever it gets gets the next at once",
                        "Quarantine",
                        "            conduct.untilMs = outbox.nowMs() + delayMs(conduct.inARow);\n",
                        ""),
                new Mutant(
                        "who breaks the protocol is taken to have died",
                        "LeaseAnswers",
                        "        Long number = answer.lease();\n        Lease lease = number == null",
                        "        if (answer.endsConnection()) {\n            return;\n        }\n        Long number = answer.lease();\n        Lease lease = number == null"),
                new Mutant(
                        "a verdict does not say what was seen",
                        "Deaths",
                        "death.getKey() + \" (\" + death.getValue().inWords() + \")\"",
                        "death.getKey().toString()"));
    }

    /** The ledger is true at the end, and nothing to do is an answer. */
    private static Stream<Mutant> ends() {
        return Stream.of(
                new Mutant(
                        "the subtask that failed a task is counted as cancelled",
                        "TaskIndexes",
                        "        if (culprit != null) {",
                        "        if (culprit != null && culprit < 0) {"),
                new Mutant(
                        "a task of no subtasks fails, as none of them succeeded",
                        "TaskLifecycle",
                        "task.indexes.done() == 0 && task.indexes.total() > 0",
                        "task.indexes.done() == 0 && task.indexes.total() >= 0"),
                new Mutant(
                        "a task of no subtasks never ends",
                        "TaskLifecycle",
                        "        if (task.indexes.isComplete()) {\n            finish(task);",
                        "        if (task.indexes.isComplete() && task.indexes.total() > 0) {\n            finish(task);"));
    }
}
