package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.divvy.testing.RunningProcess;
import io.divvy.testing.TemporaryFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Debian package that the profile {@code package} made, installed into a folder as if that were the root. */
final class InstalledPackage implements AutoCloseable {
    private static final Path FOLDER = Path.of(System.getProperty("divvy.jar")).resolveSibling("package");

    private final Path root;
    private final boolean knownToDpkg;

    private InstalledPackage(Path root, boolean knownToDpkg) {
        this.root = root;
        this.knownToDpkg = knownToDpkg;
    }

    /** The files of the package, before it became one. */
    static Path tree() {
        return FOLDER.resolve("tree");
    }

    /** The path of the package. */
    static String deb() throws IOException {
        try (DirectoryStream<Path> packages = Files.newDirectoryStream(FOLDER, "divvy_*.deb")) {
            List<Path> all = new ArrayList<>();
            packages.forEach(all::add);
            assertEquals(1, all.size(), "packages in target/package: " + all);
            return all.get(0).toString();
        }
    }

    /** With dpkg, which runs its scripts. dpkg gives files to root, so for all others the files are just unpacked. */
    static InstalledPackage install() throws IOException {
        assumeTrue(isThere("dpkg"), "no dpkg on the PATH: the Debian package is not tried");
        Path root = Files.createTempDirectory("divvy-root");
        boolean isRoot = ((Integer) Files.getAttribute(root, "unix:uid")) == 0;
        if (isRoot) {
            Files.createDirectories(root.resolve("var/lib/dpkg/info"));
            Files.createDirectories(root.resolve("var/lib/dpkg/updates"));
            Files.createFile(root.resolve("var/lib/dpkg/status"));
            dpkg(root, "--install", deb());
        } else {
            run("dpkg-deb", "--extract", deb(), root.toString());
        }
        return new InstalledPackage(root, isRoot);
    }

    /** Removes it again, with its configuration. */
    void purge() {
        assumeTrue(knownToDpkg, "only root can install with dpkg: purging is not tried");
        dpkg(root, "--purge", "divvy");
    }

    private static void dpkg(Path root, String... action) {
        List<String> command = new ArrayList<>(List.of(
                "dpkg",
                "--root=" + root,
                // What it depends on is outside of that folder, and so is the shell of its scripts.
                "--force-depends",
                "--force-script-chrootless",
                "--log=/dev/null"));
        command.addAll(List.of(action));
        run(command.toArray(String[]::new));
    }

    /** Where a file of the package is now. */
    Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    /** Its {@code divvy} with these arguments, as where nothing else is installed. */
    RunningProcess divvy(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(path("/usr/bin/divvy").toString()));
        command.addAll(List.of(arguments));
        return RunningProcess.of(command, environment);
    }

    /** Gives its output, both streams. */
    static List<String> run(String... command) {
        try (RunningProcess process = RunningProcess.of(List.of(command))) {
            assertEquals(0, process.awaitExit(), process::toString);
            List<String> lines = new ArrayList<>(process.stdout());
            lines.addAll(process.stderr());
            return lines;
        }
    }

    static boolean isThere(String program) {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        TemporaryFolders.delete(root);
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
