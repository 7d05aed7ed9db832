package io.divvy.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.divvy.protocol.Json;
import io.divvy.protocol.TaskView;
import java.io.IOException;
import java.io.StringWriter;

/** A task for people to read. */
final class TaskText {
    private TaskText() {}

    static void print(TaskView task) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Json.MAPPER.createGenerator(text).useDefaultPrettyPrinter()) {
            task.writeTo(json);
        }
        System.out.println(text);
    }
}
