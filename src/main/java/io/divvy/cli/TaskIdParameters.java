package io.divvy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The tasks that a command does something to, one after the other. It prints a line for each. */
final class TaskIdParameters {
    @Mixin
    private final JsonOption json = new JsonOption();

    @Parameters(
            arity = "1..*",
            paramLabel = "ID",
            converter = TaskIdParameter.class,
            description = TaskIdParameter.DESCRIPTION)
    private List<String> ids = List.of();

    int count() {
        return ids.size();
    }

    /** What is done to a task. */
    @FunctionalInterface
    interface Act {
        /**
         * @param id as its user wrote it
         * @return the task as the HTTP API has it
         */
        ObjectNode on(String id) throws IOException, InterruptedException, RequestRefusedException;
    }

    /**
     * Does it to each of them. What the server refuses of one is said, and ends nothing for the others.
     *
     * @param said what a person reads of it, in one line
     * @return the highest exit code that one of them alone would give
     */
    int each(Act act, Function<ObjectNode, String> said) throws IOException, InterruptedException {
        int worst = ExitCode.DONE;
        for (String id : ids) {
            try {
                ObjectNode task = act.on(id);
                System.out.println(json.json ? task.toString() : said.apply(task));
            } catch (RequestRefusedException e) {
                worst = Math.max(worst, ErrorReport.say(e));
            }
        }
        return worst;
    }

    /** Where the HTTP API has it. */
    static String path(String id) {
        return "/tasks/" + RestClient.encoded(id);
    }

    /** What begins a line about it. */
    static String name(ObjectNode task) {
        return "task " + task.path("id").asText();
    }
}
