package io.divvy.process;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.client.DivvyClient;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.SumOfSquaresTask;
import io.divvy.testing.TestWorker;
import io.divvy.testing.WirePeer;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A server of 96 MB and peers that try to use all of it up: it says busy or limit_exceeded, or cuts them off, and the others
 * go on; when they have left all is as before.
 */
class SmallHeapIT {
    private final ServerProcess server = new ServerProcess("-Xmx96m");
    private final List<WirePeer> attackers = new ArrayList<>();

    @BeforeEach
    void start() {
        server.startWorker("good");
    }

    @AfterEach
    void stop() {
        attackers.forEach(WirePeer::close);
        server.close();
    }

    private WirePeer connect(String hello) {
        WirePeer peer = WirePeer.connect(new InetSocketAddress("127.0.0.1", server.port()));
        attackers.add(peer);
        peer.send(hello);
        return peer;
    }

    private WirePeer attackingSender() {
        WirePeer sender = connect("{'type':'task_sender','protocol':2}");
        sender.receive("welcome");
        return sender;
    }

    /** A good sender and a good worker get the right answer, whatever else there is. */
    private void othersGoOn() throws Exception {
        assertTrue(server.process().isAlive());
        SumOfSquaresTask task = new SumOfSquaresTask(100_000, 1_000);
        try (DivvyClient client = server.connect()) {
            assertEquals(
                    task.answer(),
                    client.submit(task.toJson(), progress -> {}).await().bigIntegerValue());
        }
    }

    /** The attackers leave, and their tasks are cancelled: there is as much room as before. */
    private void isAsBefore(List<String> tasks) throws Exception {
        attackers.forEach(WirePeer::close);
        attackers.clear();
        WirePeer janitor = attackingSender();
        for (String task : tasks) {
            janitor.send("{'type':'cancel','task_id':'" + task + "'}");
            janitor.receive("cancelled");
        }
        othersGoOn();
    }

    /** Submits tasks until the server has no room; returns the ids of those that it took. */
    private List<String> submitUntilBusy(WirePeer sender, IntFunction<String> task, int atMost) {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < atMost; i++) {
            sender.send("{'type':'submit','request':1,'task':" + task.apply(i) + "}");
            JsonNode answer = sender.receive();
            if (answer.path("type").asText().equals("error")) {
                assertEquals("busy", answer.get("code").textValue(), answer::toString);
                assertTrue(answer.get("message").textValue().contains("bytes of memory"), answer::toString);
                return taken;
            }
            taken.add(answer.get("task_id").textValue());
        }
        throw new AssertionError("the server took all " + atMost + " tasks");
    }

    /** Of the smallest, together: their number is bounded by what each takes when a worker has it, too. */
    @Test
    void tinyTasksAreTakenUntilTheServerIsBusyAndThenDone() throws Exception {
        WirePeer sender = attackingSender();
        int accepted = 0;
        boolean isBusy = false;
        while (!isBusy) {
            sender.sendTogether(
                    Collections.nCopies(500, "{'type':'submit','request':1,'task':{'type':'tiny','payloads':[1]}}"));
            for (int i = 0; i < 500; i++) {
                JsonNode answer = sender.receive();
                if (answer.path("type").asText().equals("accepted")) {
                    accepted++;
                } else {
                    assertEquals("busy", answer.path("code").asText(), answer::toString);
                    isBusy = true;
                }
            }
            assertTrue(accepted < 20_000, "the server takes all tasks");
        }
        assertTrue(accepted > 3_000, accepted + " tasks");
        try (TestWorker worker = TestWorker.connect(
                new InetSocketAddress("127.0.0.1", server.port()), "tiny", (type, payload) -> payload)) {
            for (int i = 0; i < accepted; i++) {
                sender.receiveAfter("completed", "progress");
            }
        }
        isAsBefore(List.of());
    }

    @Test
    void payloadsAreTakenUntilTheServerIsBusy() throws Exception {
        String text = "x".repeat(1_000_000);
        isAsBefore(submitUntilBusy(attackingSender(), i -> "{'type':'nobody','payloads':['" + text + "']}", 200));
        // A few bytes of text that are many of memory.
        String nested = "[1],".repeat(900_000) + "1";
        WirePeer sender = attackingSender();
        for (int i = 0; i < 5; i++) {
            sender.send("{'type':'submit','request':1,'task':{'type':'nobody','payloads':[" + nested + "]}}");
            sender.receiveError("limit_exceeded");
        }
        othersGoOn();
    }

    @Test
    void hellosWithAThousandTypesAreRefusedWhenTheyTakeTooMuch() throws Exception {
        int refused = 0;
        for (int worker = 0; worker < 150; worker++) {
            StringBuilder types = new StringBuilder();
            for (int i = 0; i < 1_000; i++) {
                types.append(i == 0 ? "" : ",")
                        .append("'type-")
                        .append(worker)
                        .append('-')
                        .append(i)
                        .append('\'');
            }
            WirePeer peer = connect("{'type':'worker','protocol':2,'task_types':[" + types + "]}");
            JsonNode answer = peer.receive();
            if (answer.path("type").asText().equals("error")) {
                assertEquals("limit_exceeded", answer.get("code").textValue());
                refused++;
            }
        }
        assertTrue(refused > 0);
        othersGoOn();
        isAsBefore(List.of());
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            WirePeer again = connect("{'type':'worker','protocol':2,'task_types':['a','b']}");
            return again.receive().path("type").asText().equals("welcome");
        });
    }

    @Test
    void aCountOfLongDistinctWordsFails() throws Exception {
        WirePeer worker = connect("{'type':'worker','protocol':2,'name':'words','task_types':['words']}");
        worker.receive("welcome");
        WirePeer sender = attackingSender();
        sender.send("{'type':'submit','request':1,'task':{'type':'words','payloads':[" + "1,".repeat(199)
                + "1],'combine':'merge_counts'}}");
        sender.receive("accepted");
        boolean isOver = false;
        for (int message = 0; !isOver; message++) {
            JsonNode told = worker.receive();
            if (told.path("type").asText().equals("assign")) {
                StringBuilder counts = new StringBuilder();
                for (int i = 0; i < 1_000; i++) {
                    counts.append(i == 0 ? "" : ",")
                            .append('\'')
                            .append("w".repeat(1_000))
                            .append(message);
                    counts.append('-').append(i).append("':1");
                }
                for (long index = told.get("from").longValue();
                        index < told.get("to").longValue();
                        index++) {
                    worker.send("{'type':'result','lease':" + told.get("lease") + ",'from':" + index + ",'results':[{"
                            + counts + "}]}");
                }
            }
            isOver = told.path("type").asText().equals("cancel");
        }
        JsonNode failed = sender.receive("failed");
        assertEquals("limit_exceeded", failed.get("error").get("code").textValue(), failed::toString);
        isAsBefore(List.of());
    }

    private WirePeer attackingWorker(int number, int slots) {
        WirePeer worker = connect("{'type':'worker','protocol':2,'name':'worker-" + number + "','slots':" + slots
                + ",'credit':" + 2 * slots + ",'task_types':['mine']}");
        worker.receive("welcome");
        return worker;
    }

    private static String mine(int subtasks) {
        return "{'type':'submit','request':1,'task':{'type':'mine','combine':'sum','payloads':["
                + "1,".repeat(subtasks - 1) + "1]}}";
    }

    /** Each leaves behind thousands of subtasks that it can have been running. */
    @Test
    void workersThatDieWithVeryManySubtasksCostNoTask() throws Exception {
        WirePeer sender = attackingSender();
        sender.send(mine(400_000));
        sender.receive("accepted");
        List<WirePeer> dying = new ArrayList<>();
        for (int number = 0; number < 30; number++) {
            dying.add(attackingWorker(number, 10_000));
        }
        for (WirePeer worker : dying) {
            for (int held = 0; held < 5_000; ) {
                JsonNode told = worker.receive();
                held += told.path("type").asText().equals("assign")
                        ? told.get("to").intValue() - told.get("from").intValue()
                        : 0;
            }
        }
        dying.forEach(WirePeer::reset);
        othersGoOn();
        try (TestWorker worker = TestWorker.connect(
                new InetSocketAddress("127.0.0.1", server.port()), "mine", (type, payload) -> payload)) {
            sender.receiveAfter("completed", "progress");
        }
        isAsBefore(List.of());
    }

    /** They could run ninety thousand subtasks at once, of 1,200 tasks that none of them knew. */
    @Test
    void workersThatHoldAllTheyCanOfManyTasksLeaveRoomForOthers() throws Exception {
        WirePeer sender = attackingSender();
        List<String> tasks = new ArrayList<>();
        for (int task = 0; task < 1_200; task++) {
            sender.send(mine(200));
            tasks.add(sender.receiveAfter("accepted", "progress").get("task_id").textValue());
        }
        List<WirePeer> workers = new ArrayList<>();
        for (int number = 0; number < 60; number++) {
            workers.add(attackingWorker(number, 1_500));
        }
        int leases = 0;
        for (int before = -1; before < leases; ) {
            before = leases;
            othersGoOn();
            for (WirePeer worker : workers) {
                while (worker.available() > 0) {
                    leases += worker.receive().path("type").asText().equals("assign") ? 1 : 0;
                }
                worker.send("{'type':'heartbeat','leases':{}}");
            }
        }
        assertTrue(leases >= 60 && leases < 10_000, leases + " leases");
        workers.forEach(WirePeer::close);
        isAsBefore(List.of());
        try (WirePeer janitor = attackingSender()) {
            janitor.send("{'type':'status','request':1,'task_id':'" + tasks.get(0) + "'}");
            janitor.receive("task");
        }
    }

    @Test
    void aSenderThatReadsNoAnswersIsDisconnected() throws Exception {
        WirePeer submitter = attackingSender();
        String text = "x".repeat(900_000);
        // A task that is answered with the text that it brings: nobody has the type, so it is answered by a worker of
        // ours.
        WirePeer worker = connect("{'type':'worker','protocol':2,'name':'echo','task_types':['echo']}");
        worker.receive("welcome");
        submitter.send("{'type':'submit','request':1,'task':{'type':'echo','payloads':[1]}}");
        String task = submitter.receive("accepted").get("task_id").textValue();
        JsonNode lease = worker.receiveAfter("assign", "task");
        worker.send("{'type':'result','lease':" + lease.get("lease") + ",'from':0,'results':['" + text + "']}");
        submitter.receive("completed");
        // More of each than the system keeps for a connection.
        List<WirePeer> readers = new ArrayList<>();
        for (int reader = 0; reader < 30; reader++) {
            WirePeer unread = attackingSender();
            readers.add(unread);
            for (int i = 0; i < 30; i++) {
                unread.send("{'type':'status','request':" + i + ",'task_id':'" + task + "'}");
            }
        }
        othersGoOn();
        othersGoOn();
        assertTrue(readers.stream().anyMatch(SmallHeapIT::isCutOff), "all that was asked for waited for its readers");
        isAsBefore(List.of());
    }

    /** Reads what is there; false if nothing comes any more and the connection stays. */
    private static boolean isCutOff(WirePeer reader) {
        try {
            reader.drainToEnd();
            return true;
        } catch (UncheckedIOException stillOpen) {
            return false;
        }
    }
}
