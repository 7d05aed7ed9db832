package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The results of a run of subtasks, in index order. Whole numbers that fit into a {@code long} are kept as such: most
 * results are, and a run of a thousand of them is then one small array instead of a thousand objects.
 */
public sealed interface ResultValues {
    /** What a result is taken for at least, where the length of its text is not known. */
    long MIN_TEXT_BYTES = 8;

    int size();

    JsonNode get(int position);

    /** The first position from {@code from} to {@code to - 1} whose result is not null, or -1 if all are. */
    default int firstNonNull(int from, int to) {
        for (int position = from; position < to; position++) {
            if (!get(position).isNull()) {
                return position;
            }
        }
        return -1;
    }

    void writeTo(JsonGenerator json) throws IOException;

    /** About how much memory they take. */
    long sizeBytes();

    static ResultValues of(List<JsonNode> nodes) {
        return new Nodes(List.copyOf(nodes));
    }

    /** Reads an array; the parser stands on its start and is left on its end. */
    static ResultValues read(JsonParser json) throws IOException {
        long[] longs = new long[16];
        int size = 0;
        JsonToken token = json.nextToken();
        while (token == JsonToken.VALUE_NUMBER_INT && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            if (size == longs.length) {
                longs = Arrays.copyOf(longs, size * 2);
            }
            longs[size++] = json.getLongValue();
            token = json.nextToken();
        }
        if (token == JsonToken.END_ARRAY) {
            return new Longs(Arrays.copyOf(longs, size));
        }
        List<JsonNode> nodes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            nodes.add(LongNode.valueOf(longs[i]));
        }
        long start = json.currentTokenLocation().getByteOffset();
        while (token != JsonToken.END_ARRAY) {
            nodes.add(Json.readValue(json));
            token = json.nextToken();
        }
        long bytes = json.currentTokenLocation().getByteOffset() - start;
        return new Nodes(nodes, Math.max(bytes, MIN_TEXT_BYTES * nodes.size()));
    }

    record Longs(long[] values) implements ResultValues {
        @Override
        public int size() {
            return values.length;
        }

        @Override
        public JsonNode get(int position) {
            return LongNode.valueOf(values[position]);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeArray(values, 0, values.length);
        }

        @Override
        public long sizeBytes() {
            return 8L * values.length;
        }
    }

    record Nodes(List<JsonNode> values, long textBytes) implements ResultValues {
        /** A tree takes a few times as much memory as its text. */
        private static final int TREE_PER_TEXT = 4;

        Nodes(List<JsonNode> values) {
            this(
                    values,
                    values.stream().mapToLong(node -> node.toString().length()).sum());
        }

        @Override
        public int size() {
            return values.size();
        }

        @Override
        public JsonNode get(int position) {
            return values.get(position);
        }

        @Override
        public void writeTo(JsonGenerator json) throws IOException {
            json.writeStartArray();
            for (JsonNode value : values) {
                Json.write(json, value);
            }
            json.writeEndArray();
        }

        @Override
        public long sizeBytes() {
            return TREE_PER_TEXT * textBytes;
        }
    }
}
