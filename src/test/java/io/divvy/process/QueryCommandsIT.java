package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.client.DivvyClient;
import io.divvy.client.TaskHandle;
import io.divvy.protocol.Json;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import io.divvy.testing.SumOfSquaresTask;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands beside workers and servers that come and go; what they print stands in the transcripts. */
class QueryCommandsIT {
    private ServerProcess server;

    @BeforeEach
    void start() {
        server = new ServerProcess();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<String> lines(RunningProcess command) {
        assertEquals(0, command.awaitExit(), command::toString);
        return command.stdout();
    }

    private static ObjectNode waiting(String label) {
        ObjectNode task = Json.MAPPER.createObjectNode().put("type", "mine").put("name", "for nobody");
        task.putArray("payloads").add(1);
        task.putObject("labels").put("team", label);
        return task;
    }

    @Test
    void aListIsWatchedThroughAnOutageOfTheServer() throws Exception {
        RunningProcess watch = server.keep(RunningProcess.divvy("tasks", "--watch", "--server", server.address()));
        watch.awaitLine("divvy: no tasks");
        try (DivvyClient client = server.connect()) {
            String id = client.submit(waiting("red"), progress -> {}).id();
            watch.awaitLine(id.substring(28) + "  mine  queued .*");
        }
        server.process().kill();
        watch.awaitLine("divvy: no Divvy server at .*; trying again");
        assertTrue(watch.isAlive(), watch::toString);
        // Not SIGINT, which is ignored by all that was started where it is ignored, as in the background of a script.
        watch.terminate();
        assertEquals(143, watch.awaitExit(), watch::toString);
    }

    @Test
    void aWorkerThatIsDrainedFinishesWhatIsStartedAndEnds() throws Exception {
        RunningProcess alice = server.startWorker("alice");
        try (DivvyClient client = server.connect()) {
            SumOfSquaresTask someSeconds = new SumOfSquaresTask(1_000_000_000L, 200);
            TaskHandle task = client.submit(someSeconds.toJson(), progress -> {});
            alice.awaitLine("connected to");
            RunningProcess drain = server.run("drain", "alice");
            assertTrue(lines(drain).get(1).contains("draining"), drain::toString);
            assertEquals(0, alice.awaitExit(), alice::toString);
            assertTrue(String.join("", alice.stderr()).contains("does not need this worker"), alice::toString);

            server.startWorker("bob");
            assertEquals(someSeconds.answer(), task.await().bigIntegerValue());
            assertEquals(0, client.status(task.id()).retries(), "nothing was lost, so nothing was run again");
        }
    }

    @Test
    void aWorkerComesBackToAServerThatIsStartedAgain() {
        RunningProcess alice = server.startWorker("alice");
        int port = server.port();
        server.process().terminate();
        assertEquals(0, server.process().awaitExit());
        alice.awaitLine("the server stops");
        RunningProcess next =
                server.keep(RunningProcess.divvy("server", "--port", Integer.toString(port), "--http-port", "0"));
        next.awaitLine("worker alice joined");
    }

    @Test
    void twoWorkersOfOneNameGetNamesOfTheirOwn() {
        server.startWorker("twin");
        server.startWorker("twin");
        for (RunningProcess drain : List.of(server.run("drain", "twin-2"), server.run("drain", "twin"))) {
            assertEquals(0, drain.awaitExit(), drain::toString);
        }
    }
}
