package io.divvy.attack;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What clients do that only read. */
final class ReaderAttacks {
    private static final int FINISHED_TASKS = 100_000;
    private static final int OPEN_TASKS = 99_000;
    private static final int RESULT_PARTS = 57;
    private static final int PART_BYTES = 1_000_000;
    private static final int UNREAD_FOR_MS = 5_000;
    private static final int ABANDONED_AFTER_MS = 20;

    /** Some find what they look for at once, others look at everything. */
    private static final List<String> LISTS = List.of(
            "/tasks?label=album%3Dholidays",
            "/tasks?state=failed",
            "/tasks?type=nobody.has.it",
            "/tasks?limit=1000",
            "/tasks?state=completed&limit=1000",
            "/tasks?state=completed&type=nobody.has.it&label=a%3Db");

    static final List<Attack> ALL = List.of(
            Attack.of(
                            "result-readers",
                            "24 clients read a result of 57 MB with numbers=string, again and again",
                            crowd -> ask(crowd, 24, resultPath(crowd)))
                    .preparedBy(server -> Preparations.largeResult(server, RESULT_PARTS, PART_BYTES)),
            Attack.of(
                            "unread-results",
                            "25 clients ask for a result of 57 MB and read nothing of it for 5 s",
                            crowd -> crowd.each(25, () -> askAndNotRead(crowd)))
                    .preparedBy(server -> Preparations.largeResult(server, RESULT_PARTS, PART_BYTES)),
            Attack.of(
                            "lists",
                            "16 clients list 100,000 finished tasks, with filters that few or none pass",
                            ReaderAttacks::list)
                    .preparedBy(server -> Preparations.finishedTasks(server, FINISHED_TASKS)),
            Attack.of(
                            "explains",
                            "16 clients ask for /explain of the last of 99,000 open tasks",
                            crowd -> ask(crowd, 16, "/tasks/" + crowd.prepared().get(0) + "/explain"))
                    .withHeapMb(2_048)
                    .preparedBy(server -> Preparations.openTasks(server, OPEN_TASKS)),
            Attack.of(
                            "abandoned-waits",
                            "16 clients ask to wait 60 s for a task, and are gone after 20 ms",
                            crowd -> crowd.each(16, () -> waitAndLeave(crowd)))
                    .preparedBy(server -> Preparations.openTasks(server, 1)));

    private ReaderAttacks() {}

    private static String resultPath(Crowd crowd) {
        return "/tasks/" + crowd.prepared().get(0) + "/result?numbers=string";
    }

    private static int asked(Crowd crowd, HttpPeer http, String path) throws IOException {
        crowd.tally().add("sent", 1);
        int status = http.get(path);
        crowd.tally().add(Integer.toString(status), 1);
        return status;
    }

    /** The same request again and again, each client on one connection as long as that lasts. */
    static void ask(Crowd crowd, int clients, String path) {
        crowd.each(clients, () -> {
            try (HttpPeer http = new HttpPeer(crowd.target().http(), 0)) {
                while (true) {
                    asked(crowd, http, path);
                }
            }
        });
    }

    private static void list(Crowd crowd) {
        AtomicInteger next = new AtomicInteger();
        crowd.each(16, () -> {
            try (HttpPeer http = new HttpPeer(crowd.target().http(), 0)) {
                while (true) {
                    asked(crowd, http, LISTS.get(Math.floorMod(next.getAndIncrement(), LISTS.size())));
                }
            }
        });
    }

    private static void askAndNotRead(Crowd crowd) throws IOException {
        try (HttpPeer http = new HttpPeer(crowd.target().http(), 0)) {
            http.request(resultPath(crowd));
            crowd.tally().add("sent", 1);
            Crowd.pauseMs(UNREAD_FOR_MS);
        }
    }

    private static void waitAndLeave(Crowd crowd) throws IOException {
        try (HttpPeer http = new HttpPeer(crowd.target().http(), 0)) {
            http.request("/tasks/" + crowd.prepared().get(0) + "?wait=60");
            crowd.tally().add("sent", 1);
            Crowd.pauseMs(ABANDONED_AFTER_MS);
        }
    }
}
