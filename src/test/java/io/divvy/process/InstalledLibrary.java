package io.divvy.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * The library as an install puts it into a repository, and what a project gets that depends on it: what its POM names and does
 * not keep to itself, what the POMs of those name, and so on. Those lie beside their jars in the local repository, from which
 * this test has them too.
 */
final class InstalledLibrary {
    private final Path jar;
    private final Path pom;

    private InstalledLibrary(Path jar, Path pom) {
        this.jar = jar;
        this.pom = pom;
    }

    /** The one that this build made. */
    static InstalledLibrary ofThisBuild() {
        return new InstalledLibrary(file("divvy.artifact"), file("divvy.pom"));
    }

    private static Path file(String property) {
        String value = System.getProperty(property);
        if (value == null || value.contains("$")) {
            throw new IllegalStateException(
                    "the system property " + property + " is " + value + "; run this test with mvn verify");
        }
        return Path.of(value.replaceFirst("^file:", ""));
    }

    Path jar() {
        return jar;
    }

    /** What its POM brings to others, as {@code groupId:artifactId}. */
    Set<String> dependencies() {
        return dependencies(pom);
    }

    /** The same with all that those bring. */
    Set<String> allDependencies() {
        Set<String> all = new TreeSet<>();
        List<String> toVisit = new ArrayList<>(dependencies());
        while (!toVisit.isEmpty()) {
            String name = toVisit.remove(toVisit.size() - 1);
            if (all.add(name)) {
                toVisit.addAll(dependencies(pomBeside(jarOf(name))));
            }
        }
        return all;
    }

    /** The class path of a project that depends on nothing else. */
    List<Path> classPath() {
        return Stream.concat(Stream.of(jar), allDependencies().stream().map(InstalledLibrary::jarOf))
                .toList();
    }

    /**
     * A local repository of Maven that has it, and beside it what this build has in its own. That is linked and not copied:
     * to look there costs nothing, and nobody else's builds find the library there.
     */
    void installInto(Path repository, String version) throws IOException {
        String other = "com.fasterxml.jackson.core:jackson-databind";
        Path ofThisBuild = jarOf(other);
        for (int part = 0; part < other.split("[.:]").length + 2; part++) { // The names of the version and of the jar.
            ofThisBuild = ofThisBuild.getParent();
        }
        Path here = Files.createDirectories(repository.resolve("io/divvy/divvy/" + version));
        Files.copy(jar, here.resolve("divvy-" + version + ".jar"));
        Files.copy(pom, here.resolve("divvy-" + version + ".pom"));
        link(ofThisBuild, repository);
        link(ofThisBuild.resolve("io"), repository.resolve("io"));
    }

    /** What the one folder has and the other has not. */
    private static void link(Path from, Path to) throws IOException {
        if (Files.isDirectory(from)) {
            try (Stream<Path> entries = Files.list(from)) {
                for (Path entry : entries.toList()) {
                    Path link = to.resolve(entry.getFileName());
                    if (!Files.exists(link)) {
                        Files.createSymbolicLink(link, entry);
                    }
                }
            }
        }
    }

    /** Leaves only what {@link #installInto} copied, so that whoever deletes the repository deletes nothing else. */
    static void unlink(Path repository) throws IOException {
        for (Path folder : List.of(repository, repository.resolve("io"))) {
            try (Stream<Path> entries = Files.list(folder)) {
                for (Path link : entries.filter(Files::isSymbolicLink).toList()) {
                    Files.delete(link);
                }
            }
        }
    }

    private static Path jarOf(String name) {
        String folder = name.replace('.', '/').replace(':', '/');
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.replace('\\', '/').matches(".*/\\Q" + folder + "\\E/[^/]+/[^/]+\\.jar"))
                .map(Path::of)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "a project that uses the library gets " + name + ", which this test has not got"));
    }

    private static Path pomBeside(Path jar) {
        return jar.resolveSibling(jar.getFileName().toString().replaceFirst("jar$", "pom"));
    }

    /** Of the POM itself: what parents and profiles name is for its own build, in all POMs that are read here. */
    private static Set<String> dependencies(Path pom) {
        Set<String> names = new TreeSet<>();
        children(project(pom), "dependencies")
                .flatMap(all -> children(all, "dependency"))
                .filter(InstalledLibrary::isForUsers)
                .forEach(one -> names.add(text(one, "groupId", "") + ":" + text(one, "artifactId", "")));
        return names;
    }

    private static boolean isForUsers(Element dependency) {
        return Set.of("compile", "runtime").contains(text(dependency, "scope", "compile"))
                && text(dependency, "optional", "false").equals("false");
    }

    private static Element project(Path pom) {
        if (!Files.exists(pom)) {
            throw new AssertionError("there is no " + pom);
        }
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(pom.toFile())
                    .getDocumentElement();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ParserConfigurationException | SAXException e) {
            throw new AssertionError(pom + " is no XML", e);
        }
    }

    private static Stream<Element> children(Element of, String name) {
        NodeList nodes = of.getChildNodes();
        return IntStream.range(0, nodes.getLength())
                .<Node>mapToObj(nodes::item)
                .filter(node -> node.getNodeName().equals(name))
                .map(Element.class::cast);
    }

    private static String text(Element of, String name, String otherwise) {
        return children(of, name)
                .map(child -> child.getTextContent().strip())
                .findFirst()
                .orElse(otherwise);
    }
}
