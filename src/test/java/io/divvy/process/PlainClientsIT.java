package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The clients of the original system, plain Python sockets, connect unmodified. */
class PlainClientsIT {
    private final ServerProcess server = new ServerProcess();

    @BeforeAll
    static void needsPython() throws InterruptedException {
        boolean found;
        try {
            found = new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            found = false;
        }
        assumeTrue(found, "skipped: there is no python3 on this machine");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void severalTasksOneAfterTheOtherOnAConnection() {
        python("worker.py").awaitLine("ready");
        python("worker.py").awaitLine("ready");
        RunningProcess sender = python("sender.py", "first,1,1000000,10", "second,-5,5,3", "third,1,10,100");
        assertEquals(0, sender.awaitExit(), sender::toString);
        assertEquals(
                List.of(
                        "{\"status\": \"completed\", \"result\": 333333833333500000}",
                        "{\"status\": \"completed\", \"result\": 110}",
                        "{\"status\": \"completed\", \"result\": 385}"),
                sender.stdout());
    }

    @Test
    void aSubtaskOfAWorkerThatDisconnectsGoesToAnotherOne() {
        RunningProcess dying = python("worker.py", "3");
        dying.awaitLine("ready");
        RunningProcess sender = python("sender.py", "task,1,1000000,10");
        assertEquals(9, dying.awaitExit(), dying::toString);
        python("worker.py").awaitLine("ready");
        assertEquals(0, sender.awaitExit(), sender::toString);
        assertEquals(List.of("{\"status\": \"completed\", \"result\": 333333833333500000}"), sender.stdout());
    }

    @Test
    void plainAndNewWorkersShareATask() {
        python("worker.py").awaitLine("ready");
        server.startWorker("new");
        RunningProcess submit =
                server.run("submit", "sum_of_squares", "-p", "start=1", "-p", "end=1000000", "--subtasks", "40");
        assertEquals(0, submit.awaitExit(), submit::toString);
        assertEquals(List.of("333333833333500000"), submit.stdout());
    }

    private RunningProcess python(String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "-u", resource(script)));
        command.addAll(List.of("127.0.0.1", Integer.toString(server.port())));
        command.addAll(List.of(arguments));
        return server.keep(RunningProcess.of(command));
    }

    private static String resource(String script) {
        try {
            return Path.of(PlainClientsIT.class.getResource("/plain/" + script).toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
