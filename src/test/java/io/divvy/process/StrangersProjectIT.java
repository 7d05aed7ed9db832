package io.divvy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.divvy.task.TaskType;
import io.divvy.testing.RunningProcess;
import io.divvy.testing.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A project of somebody else has on its class path what an install gives it: the library, and what that brings. It is enough
 * for a client, for a worker, and for a task type of its own. Runs in the repository's root.
 */
@Timeout(120)
class StrangersProjectIT {
    private static final long MOST_BYTES = 2_000_000;

    private static final Path PROGRAM = Path.of("src/test/resources/stranger/Program.java");
    private static final Path TASK_TYPE_OF_THE_GUIDE = Path.of("src/test/java/io/divvy/task/example/VowelCount.java");

    private static final Path GUIDE = Path.of("src/docs/task-types.md");
    private static final Pattern POM_OF_THE_GUIDE = Pattern.compile(
            "```xml\n(?<pom>.*?<artifactId>divvy</artifactId>\\s*<version>(?<version>[^<]+)</version>.*?)```",
            Pattern.DOTALL);

    /** What a stranger writes against. */
    private static final List<String> FOR_STRANGERS =
            List.of("io.divvy.client.", "io.divvy.protocol.", "io.divvy.task.", "io.divvy.worker.");

    private final InstalledLibrary library = InstalledLibrary.ofThisBuild();

    @Test
    void theLibraryBringsJacksonSlf4jApiAndJspecifyOnly() {
        assertEquals(
                Set.of("com.fasterxml.jackson.core:jackson-databind", "org.slf4j:slf4j-api", "org.jspecify:jspecify"),
                library.dependencies());
        assertEquals(
                Set.of(
                        "com.fasterxml.jackson.core:jackson-annotations",
                        "com.fasterxml.jackson.core:jackson-core",
                        "com.fasterxml.jackson.core:jackson-databind",
                        "org.slf4j:slf4j-api",
                        "org.jspecify:jspecify"),
                library.allDependencies());
    }

    @Test
    void theLibraryHoldsDivvysClassesOnlyAndIsSmall() throws IOException {
        assertTrue(Files.size(library.jar()) < MOST_BYTES, () -> library.jar() + " is too large");
        for (String entry : entries()) {
            assertTrue(!entry.endsWith(".class") || entry.startsWith("io/divvy/"), () -> entry + " is not ours");
        }
    }

    @Test
    void theLibraryConfiguresNoLogging() throws IOException {
        List<String> entries = entries();
        assertEquals(
                List.of(),
                entries.stream().filter(entry -> entry.contains("slf4j")).toList());
        assertEquals(
                List.of(),
                entries.stream().filter(entry -> entry.contains("simplelogger")).toList());
    }

    @Test
    void theLibraryHasNoMainClass() throws IOException {
        try (JarFile jar = new JarFile(library.jar().toFile())) {
            assertNull(jar.getManifest().getMainAttributes().getValue("Main-Class"));
            assertEquals("io.divvy", jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"));
        }
    }

    @Test
    void publicClassesOfTheLibraryNeedOnlyWhatTheLibraryBrings() throws Exception {
        List<String> missing = new ArrayList<>();
        List<String> names = entries().stream()
                .filter(entry -> entry.endsWith(".class"))
                .map(entry -> entry.replaceFirst("\\.class$", "").replace('/', '.'))
                .filter(name -> FOR_STRANGERS.stream().anyMatch(name::startsWith))
                .toList();
        assertTrue(names.size() > 100, () -> "found only " + names);
        try (URLClassLoader stranger =
                new URLClassLoader(urls(library.classPath()), ClassLoader.getPlatformClassLoader())) {
            for (String name : names) {
                try {
                    Class<?> type = Class.forName(name, true, stranger);
                    type.getDeclaredMethods();
                    type.getDeclaredFields();
                } catch (LinkageError e) {
                    missing.add(name + ": " + e);
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void workerAndClientOfAnotherProjectDoATask(@TempDir Path classes) {
        List<Path> classPath = new ArrayList<>(library.classPath());
        compile(classPath, classes, PROGRAM, TASK_TYPE_OF_THE_GUIDE);
        classPath.add(classes);

        try (ServerProcess server = new ServerProcess();
                RunningProcess program = RunningProcess.of(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        text(classPath),
                        "stranger.Program",
                        Integer.toString(server.port())))) {
            assertEquals(0, program.awaitExit(), program::toString);
            // Nobody logs, as the stranger has not said who should.
            assertEquals(
                    List.of("vowels: 11", "logged by: org.slf4j.helpers.NOPLoggerFactory"),
                    program.stdout(),
                    program::toString);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void mavenBuildsTheProjectOfTheGuide(@TempDir Path folder) throws Exception {
        assumeTrue(hasMaven(), "no mvn on the PATH: the project of the guide is not built");
        Matcher pom = POM_OF_THE_GUIDE.matcher(Files.readString(GUIDE));
        assertTrue(pom.find(), () -> GUIDE + " shows no pom.xml");
        Path repository = Files.createDirectory(folder.resolve("repository"));
        library.installInto(repository, pom.group("version"));
        Path project = Files.createDirectory(folder.resolve("project"));
        Files.writeString(project.resolve("pom.xml"), pom.group("pom"));
        Path sources = Files.createDirectories(project.resolve("src/main/java/io/divvy/task/example"));
        Files.copy(TASK_TYPE_OF_THE_GUIDE, sources.resolve("VowelCount.java"));
        Path services = Files.createDirectories(project.resolve("src/main/resources/META-INF/services"));
        Files.writeString(services.resolve("io.divvy.task.TaskType"), "io.divvy.task.example.VowelCount\n");

        try (RunningProcess maven = RunningProcess.of(List.of(
                "mvn",
                "--offline",
                "--quiet",
                "--batch-mode",
                "--file",
                project.toString(),
                "-Dmaven.repo.local=" + repository,
                "package"))) {
            assertEquals(0, maven.awaitExit(), maven::toString);
        } finally {
            InstalledLibrary.unlink(repository);
        }
        List<Path> classPath = new ArrayList<>(library.classPath());
        classPath.add(project.resolve("target/vowels-1.0.jar"));
        try (URLClassLoader program = new URLClassLoader(urls(classPath), ClassLoader.getPlatformClassLoader())) {
            Set<String> types = ServiceLoader.load(program.loadClass(TaskType.class.getName()), program).stream()
                    .map(type -> type.type().getSimpleName())
                    .collect(Collectors.toSet());
            assertTrue(types.contains("VowelCount"), types::toString);
        }
    }

    private static boolean hasMaven() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(bin -> Files.isExecutable(Path.of(bin, "mvn")));
    }

    private static void compile(List<Path> classPath, Path classes, Path... sources) {
        List<String> arguments =
                new ArrayList<>(List.of("-proc:none", "-cp", text(classPath), "-d", classes.toString()));
        Stream.of(sources).map(Path::toString).forEach(arguments::add);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int exitCode = ToolProvider.getSystemJavaCompiler().run(null, said, said, arguments.toArray(String[]::new));
        assertEquals(0, exitCode, () -> said.toString(StandardCharsets.UTF_8));
    }

    private List<String> entries() throws IOException {
        try (JarFile jar = new JarFile(library.jar().toFile())) {
            return jar.stream().map(entry -> entry.getName()).toList();
        }
    }

    private static URL[] urls(List<Path> paths) throws IOException {
        URL[] urls = new URL[paths.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = paths.get(i).toUri().toURL();
        }
        return urls;
    }

    private static String text(List<Path> classPath) {
        return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
