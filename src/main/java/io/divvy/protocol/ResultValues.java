package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The results of a run of subtasks, in index order. Whole numbers that fit into a {@code long} are kept as such: most
 * results are, and a run of a thousand of them is then one small array instead of a thousand objects.
 */
public sealed interface ResultValues {
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

    /** Writes the results of the positions from {@code from} to {@code to - 1}, without the brackets of an array. */
    void writeEntries(JsonGenerator json, int from, int to) throws IOException;

    /** About how much memory they take. */
    long sizeBytes();

    static ResultValues of(List<JsonNode> nodes) {
        return new Nodes(List.copyOf(nodes));
    }

    /** Reads the text of an array, as {@link Text} makes it. */
    static ResultValues parse(byte[] array) throws ProtocolException {
        try (JsonParser json = Json.parser(array, 0, array.length)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw new ProtocolException(ErrorCode.BAD_JSON, "expected an array of results");
            }
            return read(json, TreeRoom.unbounded());
        } catch (JsonProcessingException e) {
            throw Json.notJson(e);
        } catch (CharacterCodingException e) {
            throw Json.notUtf8();
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }

    /** Parts of several runs of results, written out as one array. */
    final class Text {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        private final JsonGenerator json;

        public Text() {
            try {
                json = Json.factory().createGenerator(bytes);
                json.setCodec(Json.MAPPER);
                json.writeStartArray();
            } catch (IOException e) {
                throw new UncheckedIOException("writing to memory failed", e);
            }
        }

        public Text add(ResultValues values, int from, int to) {
            try {
                values.writeEntries(json, from, to);
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException("writing to memory failed", e);
            }
        }

        public byte[] toBytes() {
            try {
                json.writeEndArray();
                json.close();
                return bytes.toByteArray();
            } catch (IOException e) {
                throw new UncheckedIOException("writing to memory failed", e);
            }
        }
    }

    /** Reads an array; the parser stands on its start and is left on its end. */
    static ResultValues read(JsonParser json, TreeRoom room) throws IOException {
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
            room.take(TreeSize.REFERENCE + TreeSize.NODE, json);
            nodes.add(LongNode.valueOf(longs[i]));
        }
        while (token != JsonToken.END_ARRAY) {
            room.take(TreeSize.REFERENCE, json);
            nodes.add(Json.readValue(json, room));
            token = json.nextToken();
        }
        return new Nodes(nodes);
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
        public void writeEntries(JsonGenerator json, int from, int to) throws IOException {
            for (int position = from; position < to; position++) {
                json.writeNumber(values[position]);
            }
        }

        @Override
        public long sizeBytes() {
            return 8L * values.length;
        }
    }

    /** @param sizeBytes about how much memory they take */
    record Nodes(List<JsonNode> values, long sizeBytes) implements ResultValues {
        /** Of a value in the list, however small it is. */
        private static final int PLACE_BYTES = 8;

        Nodes(List<JsonNode> values) {
            this(
                    values,
                    values.stream()
                            .mapToLong(value -> PLACE_BYTES + TreeSize.of(value))
                            .sum());
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
            writeEntries(json, 0, values.size());
            json.writeEndArray();
        }

        @Override
        public void writeEntries(JsonGenerator json, int from, int to) throws IOException {
            for (JsonNode value : values.subList(from, to)) {
                Json.write(json, value);
            }
        }
    }
}
