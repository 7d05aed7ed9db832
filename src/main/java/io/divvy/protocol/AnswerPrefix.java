package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What can be told of an answer that cannot be read, or of which only the beginning is there: for which lease it was, and for
 * which index.
 *
 * @param mayBeAnswer false if it says that it is something else
 * @param lease null if that cannot be told
 * @param index that of the first result that cannot be read; null if that cannot be told
 */
public record AnswerPrefix(
        boolean mayBeAnswer, @Nullable Long lease, @Nullable Long index) {

    /** Reads on until it makes no sense any more. */
    public static AnswerPrefix read(byte[] bytes, int offset, int length) {
        Scan scan = new Scan();
        try (JsonParser json = Json.parserOfPrefix(bytes, offset, length)) {
            scan.read(json);
        } catch (IOException e) {
            // It ends here; what came before is what can be told.
        }
        return scan.prefix();
    }

    private static final class Scan {
        private boolean isOther;
        private @Nullable Long lease;
        private @Nullable Long from;
        private @Nullable Long index;
        private long results;

        private void read(JsonParser json) throws IOException {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return;
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                switch (name) {
                    case "type" -> {
                        String type = json.getText();
                        isOther = !"result".equals(type) && !"error".equals(type);
                    }
                    case "lease" -> lease = number(json, value);
                    case "from" -> from = number(json, value);
                    case "index" -> index = number(json, value);
                    case "results" -> countResults(json, value);
                    default -> json.skipChildren();
                }
            }
        }

        private void countResults(JsonParser json, JsonToken value) throws IOException {
            if (value == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    json.skipChildren();
                    json.finishToken(); // A string may have no end.
                    results++;
                }
                results = 0; // All of them can be read: it is not one of them that is wrong.
            } else {
                json.skipChildren();
            }
        }

        private static @Nullable Long number(JsonParser json, JsonToken value) throws IOException {
            return value == JsonToken.VALUE_NUMBER_INT && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                    ? json.getLongValue()
                    : null;
        }

        private AnswerPrefix prefix() {
            return new AnswerPrefix(
                    !isOther, lease, index != null || from == null ? index : Long.valueOf(from + results));
        }
    }
}
