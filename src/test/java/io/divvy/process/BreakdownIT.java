package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.cli.BreakingServer;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.WirePeer;
import java.io.File;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server of which a thread died that it cannot be without ends, at once, with a word and the code for whoever starts it again. */
class BreakdownIT {
    private static final int TO_BE_STARTED_ANEW = 70;
    /** Two seconds, and what a busy machine takes for the end of a process. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @TempDir
    Path data;

    @Test
    void theServerExitsWith70WhenItsLoopThreadDies() throws Exception {
        try (RunningProcess server = start("divvy-loop")) {
            server.awaitLine("listening on");
            server.closeInput();
            ends(server, "the event loop broke \\(java.lang.OutOfMemoryError: as if there were no memory\\)");
        }
    }

    @Test
    void theServerExitsWith70WhenItsLoopThreadDiesAndNoMemoryIsLeft() throws Exception {
        try (RunningProcess server = start("divvy-loop", "full")) {
            server.awaitLine("listening on");
            server.closeInput();
            // Without memory any thread may be the first to die, a reader that only waits too.
            ends(server, "(the event loop .*|the store can never write or read again)");
        }
    }

    @Test
    void theServerExitsWith70WhenTheWriterOfTheStoreDies() throws Exception {
        try (RunningProcess server = start("divvy-store-writer");
                WirePeer sender = sender(server)) {
            server.closeInput();
            while (server.isAlive()) {
                submit(sender);
            }
            ends(server, "the store can never write or read again");
        }
    }

    @ParameterizedTest
    @CsvSource({"divvy-store-lookups, 019e7044-8800-7715-b78f-1de03092202b", "divvy-store-keys, a-plain-id"})
    void theServerExitsWith70WhenAReaderOfTheStoreDies(String victim, String id) throws Exception {
        try (RunningProcess server = start(victim);
                WirePeer sender = sender(server)) {
            server.closeInput();
            while (server.isAlive()) {
                look(sender, id);
            }
            ends(server, "the store can never write or read again");
        }
    }

    private RunningProcess start(String victim, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("divvy.jar") + File.pathSeparator + folderOf(BreakingServer.class),
                BreakingServer.class.getName(),
                data.toString(),
                victim));
        command.addAll(List.of(more));
        return RunningProcess.of(command);
    }

    private static Path folderOf(Class<?> type) {
        return Path.of(URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()));
    }

    private static WirePeer sender(RunningProcess server) {
        int port = Integer.parseInt(server.awaitLine("listening on (\\d+)").group(1));
        return WirePeer.sender(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static void submit(WirePeer sender) {
        ask(sender, "{'type':'submit','request':1,'task':{'type':'x','payloads':[1]}}");
    }

    private static void look(WirePeer sender, String id) {
        ask(sender, "{'type':'status','request':1,'task_id':'" + id + "'}");
    }

    private static void ask(WirePeer sender, String question) {
        try {
            sender.send(question);
            sender.receive();
        } catch (UncheckedIOException e) {
            return; // It ends.
        }
    }

    private static void ends(RunningProcess server, String why) {
        long startNanos = System.nanoTime();
        assertEquals(TO_BE_STARTED_ANEW, server.awaitExit(), server::toString);
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
        assertTrue(took.compareTo(PATIENCE) < 0, took.toString());
        String line = "divvy: this server cannot go on and has to be restarted: " + why;
        assertEquals(
                1, server.stderr().stream().filter(said -> said.matches(line)).count(), server::toString);
    }
}
