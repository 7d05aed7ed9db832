package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the result of a task goes: to standard output as JSON, or to a file, which is there whole or not at all. */
final class ResultOutput {
    private static final String OPTION = "--output";
    private static final String JSON = "application/json";

    @Option(
            names = {"-o", OPTION},
            paramLabel = "FILE",
            description =
                    "Write the result to a file instead of standard output: a picture as the picture itself, a text as"
                            + " text, anything else as JSON.")
    private @Nullable Path file;

    /** What the server sends, to be written somewhere. */
    @FunctionalInterface
    private interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    boolean isFile() {
        return file != null;
    }

    /** Prints a result that is at hand; not for a file. */
    void print(JsonNode result) {
        System.out.println(result);
    }

    /** Gets the result of a completed task, of any size, and puts it where it belongs. */
    void fetch(RestClient rest, String taskId)
            throws IOException, InterruptedException, RequestRefusedException, LocalFileException {
        HttpResponse<InputStream> response = rest.download("/tasks/" + RestClient.encoded(taskId) + "/result");
        boolean isJson =
                response.headers().firstValue("content-type").orElse("").startsWith(JSON);
        try (InputStream body = new BufferedInputStream(response.body())) {
            Path target = file;
            if (target != null) {
                write(target, out -> copy(body, isJson, out));
            } else {
                body.transferTo(System.out);
                if (isJson) {
                    System.out.println();
                }
            }
        }
    }

    /** Of a text its letters, of anything else all bytes as they come. */
    private static void copy(InputStream body, boolean isJson, OutputStream out) throws IOException {
        body.mark(1);
        if (isJson && body.read() == '"') {
            JsonStringDecoder.decode(body, out);
            return;
        }
        body.reset();
        body.transferTo(out);
    }

    private static void write(Path target, Body body) throws LocalFileException {
        Path unfinished = target.resolveSibling(target.getFileName() + ".unfinished");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(unfinished))) {
                body.writeTo(out);
            }
            Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(unfinished);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw LocalFileException.writing(OPTION, target.toString(), e);
        }
    }
}
