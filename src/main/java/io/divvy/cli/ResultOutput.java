package io.divvy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.task.TaskTypes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the result of a task goes: to standard output, or to a file. */
final class ResultOutput {
    private static final String OPTION = "--output";
    private static final String JSON = "application/json";
    private static final String ANYTHING = "*/*";
    private static final int BUFFER_BYTES = 1 << 16;

    @Option(
            names = {"-o", OPTION},
            paramLabel = "FILE",
            description =
                    "Write the result to a file instead of standard output: a picture as the picture itself, a text as"
                            + " text, anything else as JSON.")
    private @Nullable Path file;

    boolean isFile() {
        return file != null;
    }

    /** Refuses a file that cannot be written, before anything is computed for it. */
    void requireWritable() throws LocalFileException {
        if (file == null) {
            return;
        }
        try {
            OutputFile.requireWritable(file);
        } catch (IOException e) {
            throw LocalFileException.writing(OPTION, file.toString(), e);
        }
    }

    /** Refuses a picture for a terminal, before it is computed, where the task type says that it will be one. */
    void requireNoPictureForTerminal(ObjectNode task) throws UsageException {
        boolean isByType = !task.hasNonNull("payloads") && !task.hasNonNull("combine");
        if (file != null || !isByType || !Terminal.isAnyTerminal(Terminal.STDOUT)) {
            return;
        }
        TaskTypes types = InstalledTypes.load();
        String type = task.path("type").asText();
        // What a type of somebody else does not say, the server finds out.
        boolean isPicture = Guard.call(() -> types.answerMediaType(type)) instanceof Outcome.Returned<String> said
                && !said.value().equals(JSON);
        if (isPicture) {
            throw new UsageException("the result of a task of type " + type
                    + " is a picture, which is nothing for a terminal; -o FILE writes it to a file");
        }
    }

    /** Whether it may be a picture, in the form that it has in JSON. Whether it is one, the server says. */
    static boolean mayBePicture(JsonNode result) {
        return result.size() == 2 && result.has("media_type") && result.has("base64");
    }

    /** Gets the result of a completed task, of any size, and puts it where it belongs. */
    void fetch(RestClient rest, String taskId)
            throws IOException, InterruptedException, RequestRefusedException, LocalFileException, UsageException {
        fetch(rest, taskId, ANYTHING);
    }

    /** The same, as JSON also if it is a picture. */
    void fetchJson(RestClient rest, String taskId)
            throws IOException, InterruptedException, RequestRefusedException, LocalFileException, UsageException {
        fetch(rest, taskId, JSON);
    }

    private void fetch(RestClient rest, String taskId, String accepted)
            throws IOException, InterruptedException, RequestRefusedException, LocalFileException, UsageException {
        HttpResponse<InputStream> response = rest.download(TaskIdParameters.path(taskId) + "/result", accepted);
        boolean isJson =
                response.headers().firstValue("content-type").orElse("").startsWith(JSON);
        try (Download download = new Download(response.body());
                InputStream body = new BufferedInputStream(download)) {
            if (file != null) {
                write(file, body, isJson);
            } else {
                if (!isJson && Terminal.isAnyTerminal(Terminal.STDOUT)) {
                    throw new UsageException("the result of task " + taskId + " is a picture, which is nothing for a"
                            + " terminal; \"divvy result " + taskId + " -o FILE\" writes it to a file");
                }
                print(body);
                if (isJson) {
                    System.out.println();
                }
            }
        } catch (UncheckedIOException e) {
            throw new IOException(
                    "the connection to the server was lost while the result of task " + taskId + " came: "
                            + e.getMessage(),
                    e);
        }
    }

    /** For as long as somebody reads it: the rest may be gigabytes. That not all was printed is said at the end. */
    private static void print(InputStream body) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int bytes = body.read(buffer); bytes >= 0 && !System.out.checkError(); bytes = body.read(buffer)) {
            System.out.write(buffer, 0, bytes);
        }
    }

    private static void write(Path target, InputStream body, boolean isJson) throws LocalFileException {
        try {
            OutputFile.write(target, out -> copy(body, isJson, out));
        } catch (IOException e) {
            throw LocalFileException.writing(OPTION, target.toString(), e);
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
}
