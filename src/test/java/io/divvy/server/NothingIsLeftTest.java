package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.net.NetLimits;
import io.divvy.testing.LimitsOf;
import io.divvy.testing.ServerLimitsOf;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever senders and workers did, and however they left: when all tasks have ended nothing is charged to anybody. */
class NothingIsLeftTest {
    private static final int STEPS = 150;

    private static final List<String> TASKS = List.of(
            "{'type':'mine','payloads':[1,2,3,4],'combine':'collect','on_failure':'continue'}",
            "{'type':'mine','payloads':[1,2,3,4,5],'combine':'first'}",
            "{'type':'mine','payloads':[1,2,3],'combine':'concat','max_attempts':1}",
            "{'type':'word_count','params':{'texts':['a b','c','d','e']}}",
            "{'type':'mine','payloads':[[1],[2,[3]]],'combine':'collect','key':'same'}",
            "{'type':'mine','payloads':[[1],[2,[4]]],'combine':'collect','key':'same'}",
            "{'type':'mine','payloads':[],'combine':'collect'}",
            "{'type':'mine','params':{},'combine':'collect'}");

    private final List<WirePeer> senders = new ArrayList<>();
    private final List<WirePeer> workers = new ArrayList<>();
    private final Set<String> tasks = new LinkedHashSet<>();
    /** Leases of each worker that were not answered, in its place. */
    private final List<List<JsonNode>> leases = new ArrayList<>();

    private void step(TcpServer server, Random random) {
        switch (random.nextInt(9)) {
            case 0 -> senders.add(WirePeer.sender(server));
            case 1 -> {
                workers.add(WirePeer.worker(
                        server,
                        1 + random.nextInt(3),
                        "'credit':8,'task_types':['mine','word_count','x" + STEPS + "']"));
                leases.add(new ArrayList<>());
            }
            case 2 -> {
                if (!workers.isEmpty() && random.nextInt(2) == 0) {
                    int leaver = random.nextInt(workers.size());
                    workers.remove(leaver).vanish();
                    leases.remove(leaver);
                }
            }
            case 3 -> {
                if (!senders.isEmpty() && random.nextInt(3) == 0) {
                    senders.remove(random.nextInt(senders.size())).vanish();
                }
            }
            case 4 -> {
                if (!tasks.isEmpty()) {
                    server.gateway().cancel(List.copyOf(tasks).get(random.nextInt(tasks.size())));
                }
            }
            case 5, 6 -> {
                if (!senders.isEmpty()) {
                    senders.get(random.nextInt(senders.size()))
                            .send("{'type':'submit','request':1,'task':" + TASKS.get(random.nextInt(TASKS.size()))
                                    + "}");
                }
            }
            default -> {
                if (!workers.isEmpty()) {
                    int worker = random.nextInt(workers.size());
                    answer(workers.get(worker), leases.get(worker), random);
                }
            }
        }
        if (random.nextBoolean()) {
            server.settle();
        } else {
            server.takeTurns(); // The next step comes while the store is at it.
        }
        receive();
    }

    private void receive() {
        for (WirePeer sender : senders) {
            while (sender.available() > 0) {
                JsonNode message = sender.receive();
                if (message.path("type").asText().equals("accepted")) {
                    tasks.add(message.get("task_id").textValue());
                }
            }
        }
        for (int i = 0; i < workers.size(); i++) {
            while (workers.get(i).available() > 0) {
                JsonNode message = workers.get(i).receive();
                if (message.path("type").asText().equals("assign")) {
                    leases.get(i).add(message);
                }
            }
        }
    }

    private static void answer(WirePeer worker, List<JsonNode> held, Random random) {
        if (held.isEmpty()) {
            return;
        }
        JsonNode lease = held.remove(random.nextInt(held.size()));
        long from = lease.get("from").longValue();
        long to = lease.get("to").longValue();
        for (long index = from; index < to; index++) {
            if (random.nextInt(5) == 0) {
                worker.send("{'type':'error','lease':" + lease.get("lease") + ",'index':" + index
                        + ",'message':'no','retryable':" + random.nextBoolean() + "}");
            } else {
                String result = random.nextBoolean()
                        ? "'" + "x".repeat(random.nextInt(3_000)) + "'"
                        : "{'w" + random.nextInt(100) + "':1}";
                worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':" + index + ",'results':["
                        + result + "]}");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void atTheEndAllBudgetsAreFree(long seed) {
        Random random = new Random(seed);
        // Some tasks outgrow what there is.
        ServerLimits limits = ServerLimitsOf.with(
                ServerLimitsOf.with(draft -> draft.answerBytes = 8_000), draft -> draft.allAnswerBytes = 20_000);
        try (TcpServer server = TcpServer.start(
                NetLimits.DEFAULT,
                LimitsOf.with(
                        LimitsOf.with(draft -> draft.bufferedResultBytes = 3_000),
                        draft -> draft.earlyResultBytes = 6_000),
                limits)) {
            for (int step = 0; step < STEPS; step++) {
                step(server, random);
            }
            workers.forEach(WirePeer::vanish);
            Awaitility.await().until(() -> server.load().workers() == 0);
            senders.forEach(WirePeer::vanish);
            server.settle();
            cancelAll(server);
            server.awaitConnections(0);
            ServerGauges left = server.load();
            assertEquals(new DeskGauges(0, 0, 0), left.desk(), "seed " + seed);
            assertEquals(new MemoryGauges(new CoreGauges(0, 0, 0, 0, 0), 0, 0, 0), left.memory(), "seed " + seed);
        }
    }

    /** Also those of which their senders went away before they heard that they were accepted. */
    private static void cancelAll(TcpServer server) {
        for (String state : List.of("queued", "running")) {
            server.gateway()
                    .list(new TaskQuery(state, null, Map.of(), null, STEPS))
                    .join()
                    .views()
                    .forEach(task -> server.gateway().cancel(task.id()).join());
        }
    }
}
