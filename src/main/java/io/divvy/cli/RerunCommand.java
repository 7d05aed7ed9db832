package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code divvy rerun} */
@Command(
        name = "rerun",
        description = {
            "Runs finished tasks again, as new ones, and prints their ids.",
            "Of a task that failed, was cancelled, or went on without some subtasks, what was done is taken over, so only"
                    + " the rest runs; where that is not kept, all of it runs.",
            "Of a task that was completed without failures, params or payloads of more than 4 KiB are not kept: submit it"
                    + " again with \"divvy submit\"."
        },
        mixinStandardHelpOptions = true)
final class RerunCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Mixin
    private final TaskIdParameters tasks = new TaskIdParameters();

    @Option(
            names = "--key",
            paramLabel = "KEY",
            converter = Key.class,
            description = "An idempotency key, of one rerun: asked for again under the same key, it is not done twice.")
    private @Nullable String key;

    @Override
    public Integer call() throws Exception {
        if (key != null && tasks.count() > 1) {
            throw new UsageException("--key: expected with one ID, got " + tasks.count()
                    + "; a key is that of one rerun, so run them again one by one");
        }
        RestClient rest = server.rest();
        return tasks.each(
                id -> {
                    ObjectNode task = rest.postOnce(TaskIdParameters.path(id) + "/rerun", key);
                    System.err.println(said(id, task));
                    return task;
                },
                task -> task.path("id").asText());
    }

    /** What was made under the same key before says nothing of what it took over. */
    private static String said(String id, ObjectNode task) {
        return task.has("taken_over")
                ? "divvy: task " + id + " runs again; "
                        + task.path("taken_over").asLong() + " of "
                        + task.path("progress").path("total") + " subtasks are taken over from it"
                : "divvy: task " + id + " was run again before under this key; that task is "
                        + task.path("state").asText();
    }

    /** It travels in a header, which has room for these alone. */
    static final class Key implements ITypeConverter<String> {
        private static final Pattern FORM = Pattern.compile("[!-~](?:[ -~]{0,198}[!-~])?");

        @Override
        public String convert(String text) {
            if (!FORM.matcher(text).matches()) {
                throw new TypeConversionException(
                        "expected 1 to 200 ASCII characters, without a blank at either end, got \"" + text + "\"");
            }
            return text;
        }
    }
}
