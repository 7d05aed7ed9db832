package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A task type as the HTTP API shows it.
 *
 * @param paramsSchema JSON schema of its params, or null for a type that only workers know
 * @param known whether the server can split such a task; else it has to bring its payloads
 * @param workers connected ones that take the type and do not drain
 */
public record TaskTypeStatus(
        String name, boolean known, @Nullable ObjectNode paramsSchema, int workers) {

    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeBooleanField("known", known);
        json.writeFieldName("params_schema");
        if (paramsSchema == null) {
            json.writeNull();
        } else {
            Json.write(json, paramsSchema);
        }
        json.writeNumberField("workers", workers);
        json.writeEndObject();
    }
}
