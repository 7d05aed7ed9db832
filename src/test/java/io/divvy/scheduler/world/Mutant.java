package io.divvy.scheduler.world;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.TreeNode;
import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.scheduler.Scheduler;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * One fault of server or worker: one source file is changed and compiled in memory, all other classes are as they are.
 *
 * @param fault what is wrong, in plain words
 * @param type the class in which it is, one of the scheduler or {@code package.Class}
 * @param right what stands there, once
 * @param wrong what the fault makes of it
 * @param isRare whether few worlds show it, so that it takes some ten seconds to find one
 */
record Mutant(String fault, String type, String right, String wrong, boolean isRare) {
    Mutant(String fault, String type, String right, String wrong) {
        this(fault, type, right, wrong, false);
    }

    /** The same, which few worlds show. */
    Mutant rare() {
        return new Mutant(fault, type, right, wrong, true);
    }

    private static final Path SOURCES = Path.of("src/main/java/io/divvy");

    /** Of the scheduler, unless the type says where it is. */
    private String path() {
        return (type.contains(".") ? type.replace('.', '/') : "scheduler/" + type) + ".java";
    }

    @Override
    public String toString() {
        return fault;
    }

    private String source() throws IOException {
        String source = Files.readString(SOURCES.resolve(path()));
        int places = source.split(Pattern.quote(right), -1).length - 1;
        assertEquals(
                1, places, () -> "places of \"" + right + "\" in " + type + ": the fault no longer applies, renew it");
        return source.replace(right, wrong);
    }

    /** The classes of the changed file, by name. */
    Map<String, byte[]> compile() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                InMemory compiled = new InMemory(files)) {
            List<String> options = List.of(
                    "-proc:none",
                    "-nowarn",
                    "-cp",
                    Stream.of(
                                    Scheduler.class,
                                    Nullable.class,
                                    Logger.class,
                                    JsonNode.class,
                                    TreeNode.class,
                                    JsonInclude.class)
                            .map(Mutant::placeOf)
                            .collect(Collectors.joining(File.pathSeparator)));
            StringWriter complaints = new StringWriter();
            boolean isCompiled = compiler.getTask(
                            complaints, compiled, null, options, null, List.of(new Source(path(), source())))
                    .call();
            assertEquals(true, isCompiled, () -> "the fault does not compile: " + complaints);
            return compiled.classes();
        }
    }

    private static String placeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("no place of " + type, e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String path, String text) {
            super(URI.create("string:///io/divvy/" + path), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> outputs = new HashMap<>();

        InMemory(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, @Nullable FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("bytes:///" + className), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return outputs.computeIfAbsent(className, name -> new ByteArrayOutputStream());
                }
            };
        }

        Map<String, byte[]> classes() {
            Map<String, byte[]> classes = new HashMap<>();
            outputs.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
            return classes;
        }
    }
}
