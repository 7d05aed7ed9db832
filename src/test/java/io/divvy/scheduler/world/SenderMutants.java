package io.divvy.scheduler.world;

import java.util.stream.Stream;

/** Faults in the sessions of senders. */
final class SenderMutants {
    private SenderMutants() {}

    static Stream<Mutant> all() {
        return Stream.of(
                new Mutant(
                        "a sender that is gone waits on",
                        "server.session.AwaitedTasks",
                        "        watchers.forEach((task, watcher) -> tasks().unwatch(task, watcher));\n",
                        ""),
                new Mutant(
                        "who waits for a task by two requests hears of its end twice",
                        "server.session.AwaitedTasks",
                        "        if (watcher != null) {\n",
                        "        if (watcher != null && watchers.isEmpty()) {\n"),
                new Mutant(
                        "who cancels a task and waits for it hears of its end twice",
                        "server.session.AwaitedTasks",
                        "                cancelling.isTold = true;\n",
                        ""),
                new Mutant(
                        "a task that was cancelled once can never be cancelled again",
                        "server.session.AwaitedTasks",
                        "                            cancels.remove(id);\n                            ended.filter",
                        "                            ended.filter"),
                new Mutant(
                        "a submission that is refused is waited for",
                        "server.session.SenderSession",
                        "                decided(isSearch);\n                send(new ErrorMessage",
                        "                send(new ErrorMessage"),
                new Mutant(
                                "who sends nothing more is not answered what it asked last",
                                "server.session.SenderSession",
                                " || undecided > 0 || looks > 0;",
                                " || undecided > 0;")
                        .rare(),
                new Mutant(
                        "a plain sender gets the answer to its last task first",
                        "server.session.PlainSenderSession",
                        "        pending.add(answer);",
                        "        pending.push(answer);"),
                new Mutant(
                        "a plain sender that waited for many tasks is never read from again",
                        "server.session.PlainSenderSession",
                        "            peer.resume();",
                        ""),
                new Mutant(
                        "a plain sender that is gone waits on",
                        "server.session.PlainSenderSession",
                        "        pending.forEach(Pending::forget);\n",
                        ""));
    }
}
