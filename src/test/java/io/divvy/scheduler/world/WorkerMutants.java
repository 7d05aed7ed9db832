package io.divvy.scheduler.world;

import java.util.stream.Stream;

/** Faults in the core of the worker that ships. */
final class WorkerMutants {
    private WorkerMutants() {}

    static Stream<Mutant> all() {
        return Stream.of(
                new Mutant(
                                "newer leases are started before older ones",
                                "worker.LeaseQueue",
                                "batch -> batch.lease().origin().order())",
                                "batch -> -batch.lease().origin().order())")
                        .rare(),
                new Mutant(
                                "what no slot took of a lease is lost",
                                "worker.LeaseQueue",
                                "        add(oldest.part(middle, oldest.to()));",
                                "")
                        .rare(),
                new Mutant(
                        "a revoke releases what is begun",
                        "worker.LeaseQueue",
                        "        long released = revoked.to();",
                        "        long released = Math.max(from, revoked.from());"),
                new Mutant(
                                "what a slot did not begin is lost",
                                "worker.WorkerCore",
                                "            queue.giveBack(batch.part(next, batch.to()));",
                                "")
                        .rare(),
                new Mutant(
                                "results of a lost connection answer a lease of the present one",
                                "worker.WorkerCore",
                                "        if (held.batch.lease().isOf(present)) {\n            unacked.addAnswer",
                                "        if (present != NONE) {\n            unacked.addAnswer")
                        .rare(),
                new Mutant(
                                "a failure of a lost connection is said under its old lease",
                                "worker.Taken",
                                "        if (batch.lease().isOf(connection)) {",
                                "        if (connection >= 0) {")
                        .rare(),
                new Mutant(
                                "what stopped is not released",
                                "worker.WorkerCore",
                                "                send(new FromWorker.Released(lease.number(), lease.from()));",
                                "")
                        .rare(),
                new Mutant(
                                "what is durable is kept",
                                "worker.WorkerCore",
                                "        unacked.acked(ack.lease(), ack.taskId(), ack.from(), ack.to());",
                                "")
                        .rare(),
                new Mutant(
                        "results of a forgotten task are kept",
                        "worker.WorkerCore",
                        "        unacked.forget(taskId);",
                        ""),
                new Mutant(
                        "what may not be durable is not offered",
                        "worker.WorkerCore",
                        "        unacked.offers().forEach(this::send);",
                        "        unacked.offers();"),
                new Mutant(
                        "an idle worker shows no sign of life",
                        "worker.WorkerCore",
                        "boolean isDue = !spoke || !nextIndexes.isEmpty();",
                        "boolean isDue = !nextIndexes.isEmpty();"),
                new Mutant(
                                "a worker that cannot split a task does not say so",
                                "worker.WorkerCore",
                                "                send(new FromWorker.Decline(task.id()));",
                                "")
                        .rare(),
                new Mutant(
                        "results that were acked shift those behind them",
                        "worker.ResultRun",
                        "        from += count;\n        size -= count;",
                        "        size -= count;"),
                new Mutant(
                        "results that are joined overwrite each other",
                        "worker.ResultRun",
                        "numbers, head + size, next.size);",
                        "numbers, head, next.size);"));
    }
}
