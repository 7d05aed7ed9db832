package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.divvy.testing.RunningProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package, which the profile {@code package} makes, after it was installed. */
@Tag("package")
class DebianPackageIT {
    /**
     * What libraries name in classes that are not used: pictures in Jackson, agents and Kerberos in Jetty, remote
     * transactions in Jakarta.
     */
    private static final Set<String> NOT_NEEDED =
            Set.of("java.desktop", "java.instrument", "java.security.jgss", "java.rmi");

    private static InstalledPackage installed;

    @BeforeAll
    static void install() throws IOException {
        installed = InstalledPackage.install();
    }

    @AfterAll
    static void remove() {
        if (installed != null) {
            installed.close();
        }
    }

    @Test
    void theDemoRunsWithTheJavaOfThePackage() {
        try (RunningProcess demo = installed.divvy(Map.of("JAVA_HOME", "/none"), "demo")) {
            assertEquals(0, demo.awaitExit(), demo::toString);
            demo.awaitLine("result +333333833333500000");
            demo.awaitLine("result +21333333341333333334000000000");
        }
    }

    /** It asks the server for its memory, through modules that jdeps sees no need for. */
    @Test
    void theBenchmarkRunsWithTheJavaOfThePackage() {
        try (RunningProcess bench = installed.divvy(Map.of(), "bench", "--quick", "--shape", "single")) {
            assertEquals(0, bench.awaitExit(), bench::toString);
        }
    }

    @Test
    void optionsOfJavaAndJarsWithTaskTypesReachIt() {
        Map<String, String> environment = Map.of("DIVVY_JAVA_OPTIONS", "-Xmx64m -XshowSettings:all");
        try (RunningProcess divvy = installed.divvy(environment, "version")) {
            assertEquals(0, divvy.awaitExit(), divvy::toString);
            String said = String.join("\n", divvy.stderr());
            assertTrue(said.contains("Max. Heap Size: 64.00M"), divvy::toString);
            assertTrue(said.contains("/usr/local/lib/divvy/"), divvy::toString);
        }
    }

    @Test
    void theRuntimeHasAllModulesThatTheJarNeeds() {
        List<String> needed = InstalledPackage.run(
                Path.of(System.getProperty("java.home"), "bin", "jdeps").toString(),
                "--ignore-missing-deps",
                "--multi-release=17",
                "--print-module-deps",
                installed.path("/usr/lib/divvy/divvy.jar").toString());
        Set<String> missing = new TreeSet<>(List.of(needed.get(0).split(",")));
        missing.removeAll(modules());
        missing.removeAll(NOT_NEEDED);
        assertEquals(Set.of(), missing);
        assertTrue(modules().contains("jdk.crypto.ec"), "HTTPS needs it, which jdeps cannot see");
    }

    private static Set<String> modules() {
        return InstalledPackage.run(
                        installed.path("/usr/lib/divvy/runtime/bin/java").toString(), "--list-modules")
                .stream()
                .map(line -> line.replaceFirst("@.*", ""))
                .collect(Collectors.toSet());
    }

    @Test
    void javaStartsWithItsClassesInMemory() {
        InstalledPackage.run(installed.path("/usr/lib/divvy/runtime/bin/java").toString(), "-Xshare:on", "--version");
    }

    @Test
    void everyCommandHasAManPage() {
        Set<String> missing = commands().stream()
                .filter(command -> !Files.exists(installed.path("/usr/share/man/man1/divvy-" + command + ".1.gz")))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), missing);
        assertTrue(Files.exists(installed.path("/usr/share/man/man1/divvy.1.gz")));
    }

    @Test
    void manPagesAreReadable() throws IOException {
        assumeTrue(InstalledPackage.isThere("man"), "no man on the PATH: the man pages are not tried");
        try (Stream<Path> pages = Files.list(installed.path("/usr/share/man/man1"))) {
            for (Path page : pages.toList()) {
                // With --warnings it says on stderr what is wrong with a page.
                try (RunningProcess man = RunningProcess.of(
                        List.of("man", "--warnings", "--local-file", page.toString()),
                        Map.of("LC_ALL", "C.UTF-8", "MANWIDTH", "100", "MANROFFOPT", "", "PAGER", "cat"))) {
                    assertEquals(0, man.awaitExit(), man::toString);
                    assertEquals(List.of(), man.stderr());
                    String text = String.join("\n", man.stdout());
                    assertTrue(text.contains("SYNOPSIS"), man::toString);
                    assertFalse(text.contains("${"), () -> "a variable was left in " + man);
                }
            }
        }
    }

    @Test
    void shellsFindTheCompletion() {
        for (String file : List.of(
                "/usr/share/bash-completion/completions/divvy",
                "/usr/share/fish/vendor_completions.d/divvy.fish",
                "/usr/share/zsh/vendor-completions/_divvy")) {
            assertTrue(InstalledPackage.text(installed.path(file)).contains("divvy"), file);
        }
        assertTrue(InstalledPackage.text(installed.path("/usr/share/bash-completion/completions/divvy"))
                .contains("submit"));
    }

    private static Set<String> commands() {
        try (RunningProcess help = installed.divvy(Map.of(), "--help")) {
            help.awaitExit();
            Matcher commands = Pattern.compile("(?m)^  ([a-z]+)  ").matcher(String.join("\n", help.stdout()));
            Set<String> all = commands.results().map(line -> line.group(1)).collect(Collectors.toSet());
            assertTrue(all.containsAll(Set.of("server", "worker", "submit")), () -> "commands: " + all);
            return all;
        }
    }

    @Test
    void systemdUnderstandsTheUnits() throws IOException {
        assumeTrue(InstalledPackage.isThere("systemd-analyze"), "no systemd-analyze on the PATH: units are not tried");
        // What every system has, and this folder has not.
        for (String target : List.of("sysinit", "basic", "shutdown", "multi-user", "network-online")) {
            Files.writeString(
                    installed.path("/usr/lib/systemd/system/" + target + ".target"),
                    "[Unit]\nDefaultDependencies=no\n");
        }
        List<String> said = InstalledPackage.run(
                "systemd-analyze",
                "--man=no",
                "--root=" + installed.path("/"),
                "verify",
                "divvy-server.service",
                "divvy-worker.service");
        assertEquals(List.of(), said);
    }

    @Test
    void configurationIsKeptAtUpgradesAndNamesOptionsThatThereAre() throws IOException {
        assertEquals(
                List.of("/etc/default/divvy-server", "/etc/default/divvy-worker"),
                InstalledPackage.run("dpkg-deb", "--info", InstalledPackage.deb(), "conffiles"));
        assertVariablesAreOptions("server");
        assertVariablesAreOptions("worker");
    }

    /** Each variable that a file offers is one of an option, but for Java's. */
    private static void assertVariablesAreOptions(String command) {
        try (RunningProcess help = installed.divvy(Map.of(), command, "--help")) {
            help.awaitExit();
            String options = String.join("\n", help.stdout());
            Pattern.compile("(?m)^#?DIVVY_(\\w+)=")
                    .matcher(InstalledPackage.text(installed.path("/etc/default/divvy-" + command)))
                    .results()
                    .map(variable -> variable.group(1))
                    .filter(variable -> !variable.equals("JAVA_OPTIONS"))
                    .map(variable -> "--" + variable.toLowerCase(Locale.ROOT).replace('_', '-'))
                    .forEach(option -> assertTrue(options.contains(option), () -> option + " of " + command));
        }
    }

    @Test
    void theServerIsWaitedForUntilItIsReady(@TempDir Path data) {
        int port = freePort();
        Map<String, String> environment =
                Map.of("DIVVY_PORT", "0", "DIVVY_HTTP_PORT", Integer.toString(port), "DIVVY_DATA", data.toString());
        try (RunningProcess server = installed.divvy(environment, "server");
                RunningProcess wait = waitFor(server.pid(), port)) {
            assertEquals(0, wait.awaitExit(), wait::toString);
            server.awaitLine("listening on tcp://");
            server.terminate();
            assertEquals(0, server.awaitExit(), server::toString);
        }
    }

    @Test
    void aServerThatEndsIsNotWaitedFor() {
        int port = freePort();
        try (RunningProcess server = installed.divvy(Map.of("DIVVY_STORE", "none"), "server");
                RunningProcess wait = waitFor(server.pid(), port)) {
            assertEquals(2, server.awaitExit(), server::toString);
            assertEquals(1, wait.awaitExit(), wait::toString);
            assertEquals(
                    List.of("divvy: the server ended before http://127.0.0.1:" + port
                            + "/ready answered 200; its log says why"),
                    wait.stderr());
        }
    }

    private static RunningProcess waitFor(long pid, int port) {
        return RunningProcess.of(
                List.of(installed.path("/usr/lib/divvy/wait-until-ready").toString()),
                Map.of("MAINPID", Long.toString(pid), "DIVVY_HTTP_PORT", Integer.toString(port)));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void allCanReadItAndOnlyRootCanChangeIt() throws IOException {
        List<String> wrong = InstalledPackage.run("dpkg-deb", "--contents", InstalledPackage.deb()).stream()
                .filter(line -> !line.matches("(?:[-d]rwxr-xr-x|-rw-r--r--|lrwxrwxrwx) root/root .*"))
                .toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void purgingLeavesNothingBehind() throws IOException {
        try (InstalledPackage other = InstalledPackage.install()) {
            other.purge();
            for (String folder : List.of("/usr", "/etc", "/lib")) {
                assertFalse(Files.exists(other.path(folder), LinkOption.NOFOLLOW_LINKS), folder);
            }
        }
    }

    @Test
    void scriptsOfThePackageAreExecutable() {
        for (String file : List.of("/usr/bin/divvy", "/usr/lib/divvy/wait-until-ready")) {
            assertTrue(Files.isExecutable(installed.path(file)), file);
        }
    }
}
