package io.divvy.scheduler.world;

import java.util.stream.Stream;

/** Faults in what makes the core's effects happen: executor, desk, persistence, the calls of task types, sessions. */
final class ServerMutants {
    private ServerMutants() {}

    static Stream<Mutant> all() {
        return Stream.of(
                new Mutant(
                        "every task is described as one that workers may fold",
                        "server.EffectExecutor",
                        "description.fold = work.isFoldable();",
                        "description.fold = true;"),
                new Mutant(
                                "acks name one index less",
                                "server.EffectExecutor",
                                "door.acknowledge(effect.lease(), effect.task().value(), effect.from(), effect.to()));",
                                "door.acknowledge(effect.lease(), effect.task().value(), effect.from() + 1, effect.to()));")
                        .rare(),
                new Mutant(
                        "a worker is not told to drop what it keeps",
                        "server.EffectExecutor",
                        "door -> door.forget(effect.task().value()));",
                        "door -> {});"),
                new Mutant(
                        "a task that was refused stays with the desk",
                        "server.Submissions",
                        "        works.refuse(submission.id());\n        Tasks.SubmitReply reply = submission.reply();\n        reply.tell(() ->\n",
                        "        Tasks.SubmitReply reply = submission.reply();\n        reply.tell(() ->\n"),
                new Mutant(
                        "a task that was submitted twice stays with the desk twice",
                        "server.Submissions",
                        "        if (!isNew) {\n            works.refuse(submission.id());\n        }",
                        ""),
                new Mutant(
                        "what failed in a task is taken over when it is run again",
                        "server.HeadStart",
                        "without(chunk.closed(), chunk.failed())",
                        "chunk.closed()"),
                new Mutant(
                        "what was folded with a failed subtask is taken over",
                        "server.HeadStart",
                        "done.isEmpty() || !keepsResults && !chunk.failed().isEmpty() && isFolded",
                        "done.isEmpty() || isFolded && done.isEmpty()"),
                new Mutant(
                        "what is done of a task as it begins is not stored with it",
                        "server.Persistence",
                        "work.texts.takeHeadStart()",
                        "java.util.List.of()"),
                new Mutant(
                        "another task under the key of a finished one is taken for it",
                        "server.Submissions",
                        "known.fingerprint().equals(spec.fingerprint())",
                        "known.id() != null"),
                new Mutant(
                                "two submissions under a key are looked up at the same time",
                                "server.KeyLookups",
                                "        if (underWay != null) {",
                                "        if (underWay != null && underWay.later.size() > 1_000) {")
                        .rare(),
                new Mutant(
                        "what a look-up takes is not given back",
                        "server.KeyLookups",
                        "        room.giveBack(submission.bytes); // Where it goes now it is counted as well.",
                        ""),
                new Mutant(
                        "who waits for a task is told of its end twice",
                        "server.WatchDesk",
                        "watchers.removeAll(id).forEach(watcher -> watcher.tell(() -> watcher.onEnd(stored)));",
                        "watchers.removeAll(id).forEach(watcher -> { watcher.tell(() -> watcher.onEnd(stored));"
                                + " watcher.tell(() -> watcher.onEnd(stored)); });"),
                new Mutant(
                        "who does not wait any more is told all the same",
                        "server.TaskWatchers",
                        "        if (watchers == null || !watchers.all.remove(watcher)) {",
                        "        if (watchers == null || !watchers.all.contains(watcher)) {"),
                new Mutant(
                                "results are stored from the first that came with them",
                                "server.Persistence",
                                "(int) (part.from() - part.resultsFrom()), (int) (part.to() - part.resultsFrom()));",
                                "0, (int) (part.to() - part.from()));")
                        .rare(),
                new Mutant(
                        "failed subtasks are not stored as such",
                        "server.ChunkRows",
                        "        row.failed = chunk.failed();",
                        ""),
                new Mutant(
                        "a restart does not know what changed of a task",
                        "server.Recovery",
                        ".patched(task.patch());",
                        ".patched(io.divvy.state.TaskPatch.NONE);"),
                new Mutant(
                        "what is folded of a chunk is not stored with it",
                        "server.ChunkRows",
                        "accumulator == null ? null : written(accumulator, work);",
                        "null;"),
                new Mutant(
                        "a commit that was late is told of before it is made",
                        "server.Persistence",
                        "                    advance(work, change, rows.value());",
                        "                    committedLate(work);\n                    advance(work, change, rows.value());"),
                new Mutant(
                                "a commit that was late is never told of",
                                "server.Persistence",
                                "rows, () -> committedLate(work));",
                                "rows, () -> {});")
                        .rare(),
                new Mutant(
                        "payloads that were cut short are taken for all of the lease",
                        "server.TypeCalls",
                        "effect.task(), effect.lease(), effect.from() + payloads.count(), payloads));",
                        "effect.task(), effect.lease(), effect.to(), payloads));"),
                new Mutant(
                                "a task whose code failed goes on for ever",
                                "server.TypeCalls",
                                "        desk.broke(task, failure);",
                                "        java.util.Objects.requireNonNull(desk);")
                        .rare(),
                new Mutant(
                                "a chunk is merged as soon as it is closed, whatever the order",
                                "server.Folding",
                                "        if (isExact) {\n            answer = combiner.merge",
                                "        if (chunk >= 0) {\n            answer = combiner.merge")
                        .rare(),
                new Mutant(
                        "a restored chunk is folded from its start",
                        "server.Folding",
                        "        openChunks.put(chunk, combiner.fromStored(stored));",
                        ""),
                new Mutant(
                        "an answer is made of closed chunks alone",
                        "server.Folding",
                        "        new TreeMap<>(openChunks).keySet().forEach(this::closeChunk);",
                        ""),
                new Mutant(
                        "what was kept for an answer is never let go",
                        "server.EffectExecutor",
                        "        answers.release(effect.task().spec().id());",
                        ""),
                new Mutant(
                        "nobody hears that the store commits again",
                        "server.StoreHealth",
                        "        driver.handleOwn(new Event.StoreRecovered());",
                        ""),
                new Mutant(
                                "a result that cannot be combined counts",
                                "server.session.ResultSorting",
                                "            if (complaint == null) {\n                run.add(value);",
                                "            if (i >= 0) {\n                run.add(value);")
                        .rare(),
                new Mutant(
                                "results behind one that cannot be combined move down by one",
                                "server.session.ResultSorting",
                                "good.take(resultsFrom + values.size() - run.size(), ResultValues.of(run));",
                                "good.take(resultsFrom + values.size() - run.size() - 1, ResultValues.of(run));")
                        .rare(),
                new Mutant(
                                "a worker that comes back is taken to have died before",
                                "server.session.WorkerSession",
                                "        context.core().handle(new Event.WorkerDraining(id));\n        leftBecause",
                                "        leftBecause")
                        .rare(),
                new Mutant(
                        "what a plain worker answers last is taken for its present subtask",
                        "server.session.PlainWorkerSession",
                        "                || answered.index() != answer.subtaskIndex()) {",
                        "                || answered.index() < 0) {"));
    }
}
