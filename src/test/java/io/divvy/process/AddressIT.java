package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One address of a server is enough, whichever of its two ports it is; and the wrong one is recognised. */
class AddressIT {
    private static final String NOBODY = "127.0.0.1:1";

    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = new ServerProcess();
        server.startWorker("worker");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static RunningProcess divvy(String... arguments) {
        return server.keep(RunningProcess.divvy(arguments));
    }

    private static RunningProcess submit(String address) {
        return divvy("submit", "--server", address, "sum_of_squares", "-p", "start=3", "-p", "end=3");
    }

    @Test
    void everyCommandTakesEitherPortAndSeveralServers() {
        String localhost = server.address().replace("127.0.0.1", "localhost");
        List<RunningProcess> submits = Stream.of(
                        server.address(),
                        localhost,
                        server.httpUrl(),
                        NOBODY + "," + server.address(),
                        "http://" + NOBODY + "," + server.httpUrl())
                .map(AddressIT::submit)
                .toList();
        for (RunningProcess submit : submits) {
            assertEquals(0, submit.awaitExit(), submit::toString);
            assertEquals(List.of("9"), submit.stdout());
        }
        List<RunningProcess> lists = Stream.of(
                        server.address(),
                        server.httpUrl(),
                        NOBODY + "," + server.httpUrl(),
                        "http://" + NOBODY + "," + server.address())
                .map(address -> divvy("workers", "--server", address))
                .toList();
        for (RunningProcess list : lists) {
            assertEquals(0, list.awaitExit(), list::toString);
            assertTrue(list.stdout().get(1).contains("worker"), list::toString);
        }
    }

    /** Nobody listens on the first one, which is of this machine too. */
    @Test
    void allAddressesOfANameAreTried(@TempDir Path folder) throws IOException {
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.2 both\n127.0.0.1 both\n");
        List<String> name = List.of("-Djdk.net.hosts.file=" + hosts);
        String httpPort = server.httpUrl().replaceFirst(".*:", "");
        for (String address : List.of("both:" + server.port(), "http://both:" + httpPort)) {
            RunningProcess submit = server.keep(RunningProcess.divvy(
                    name, Map.of(), "submit", "--server", address, "sum_of_squares", "-p", "start=3", "-p", "end=3"));
            RunningProcess list = server.keep(RunningProcess.divvy(name, Map.of(), "workers", "--server", address));
            assertEquals(0, submit.awaitExit(), submit::toString);
            assertEquals(List.of("9"), submit.stdout());
            assertEquals(0, list.awaitExit(), list::toString);
        }
    }

    @Test
    void theHttpPortInThePlaceOfTheTcpPortIsNamed() {
        String httpPort = server.httpUrl().replaceFirst("http://", "");
        String expected = "divvy: " + httpPort + " is the HTTP port of a Divvy server; use " + server.address();
        RunningProcess submit = submit(httpPort);
        RunningProcess workers = divvy("workers", "--server", httpPort);
        for (RunningProcess wrong : List.of(submit, workers)) {
            assertEquals(3, wrong.awaitExit(), wrong::toString);
            assertEquals(List.of(expected), wrong.stderr());
        }
    }

    @Test
    void theTcpPortInThePlaceOfTheHttpPortIsNamed() {
        RunningProcess workers = divvy("workers", "--server", "http://" + server.address());
        assertEquals(3, workers.awaitExit(), workers::toString);
        assertEquals(
                List.of("divvy: http://" + server.address() + " is the TCP port of a Divvy server; use "
                        + server.address() + ", without http://"),
                workers.stderr());
    }

    @Test
    void aWorkerSaysOnceThatItsPortIsTheWrongOne() {
        String httpPort = server.httpUrl().replaceFirst("http://", "");
        RunningProcess worker = divvy("worker", "--server", httpPort, "--name", "lost");
        worker.awaitLine("is the HTTP port of a Divvy server; use " + server.address());
        // It tries again and again: by the time that another one has come and gone it has done so, and said nothing.
        RunningProcess other = submit(server.address());
        assertEquals(0, other.awaitExit(), other::toString);
        worker.terminate();
        assertEquals(0, worker.awaitExit(), worker::toString);
        assertEquals(
                1,
                worker.stderr().stream()
                        .filter(line -> line.contains("HTTP port"))
                        .count(),
                worker::toString);
    }
}
