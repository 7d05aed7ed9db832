package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
        try (Download download = new Download(response.body());
                InputStream body = new BufferedInputStream(download)) {
            Path target = file;
            if (target != null) {
                write(target, out -> copy(body, isJson, out));
            } else {
                body.transferTo(System.out);
                if (isJson) {
                    System.out.println();
                }
            }
        } catch (UncheckedIOException e) {
            throw new IOException("the result of task " + taskId + " did not come whole: " + e.getMessage(), e);
        }
    }

    /** What comes from the server, whose failures are none of the file that it goes to. */
    private static final class Download extends FilterInputStream {
        Download(InputStream body) {
            super(body);
        }

        @Override
        public int read() {
            try {
                return super.read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            try {
                return super.read(bytes, offset, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
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
        unfinished.toFile().deleteOnExit(); // Also where a signal ends this process.
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(unfinished))) {
                body.writeTo(out);
            }
            Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw LocalFileException.writing(OPTION, target.toString(), e);
        }
    }
}
