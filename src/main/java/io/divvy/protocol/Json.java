package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How JSON is read and written everywhere: numbers as they were written, one value, no duplicate fields, bounded sizes. Only
 * {@link #MAPPER} reads in another way, and nothing that came from a peer or is passed on may be read with it.
 */
public final class Json {
    /** Of frames that are longer, it is looked whether they are made of names mostly. */
    private static final int LONG_BYTES = 1 << 16;

    /** So much of a long frame is looked at, and so many names in it are many. */
    private static final int LOOKED_AT_BYTES = 1 << 14;

    private static final int MANY_NAMES = 32;

    private static final JsonFactory FACTORY = factory(true);

    /**
     * The parser keeps a table of the names it met, which is shared with the frames that come later. Thousands of long names
     * make each of these copy it, and it grows in steps that make it quadratic: 4 workers whose answers were objects of 5,000
     * names of 180 letters made 6 GB of garbage in ten seconds, at a megabyte each. This one keeps none.
     */
    private static final JsonFactory OF_MANY_NAMES = factory(false);

    /** Shared: it is immutable once built. */
    public static final ObjectMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** Trees write themselves and ask it only how; one for each value would cost more than most values do. */
    private static final SerializerProvider WRITING = MAPPER.getSerializerProviderInstance();

    /** The byte order mark in UTF-8, which some editors put before a text. */
    private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private static final BigInteger TOO_MANY_DIGITS = BigInteger.TEN.pow(ProtocolLimits.MAX_NUMBER_DIGITS);

    private Json() {}

    private static JsonFactory factory(boolean keepsNames) {
        return new JsonFactoryBuilder()
                .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, keepsNames)
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                // Names come from peers: interned, they would fill a table of the whole process.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(ProtocolLimits.MAX_JSON_DEPTH)
                        .maxNumberLength(ProtocolLimits.MAX_NUMBER_DIGITS)
                        .maxNameLength(ProtocolLimits.MAX_FRAME_BYTES)
                        .maxStringLength(Integer.MAX_VALUE)
                        .build())
                .build();
    }

    static JsonFactory factory() {
        return FACTORY;
    }

    /** Reads one JSON object that fills the bytes. */
    public static ObjectNode readObject(byte[] bytes, int offset, int length) throws ProtocolException {
        return object(read(bytes, offset, length));
    }

    /** The same of what came to a server: one that takes too much memory as a tree is refused as {@code limit_exceeded}. */
    public static ObjectNode readMessage(byte[] bytes, int offset, int length) throws ProtocolException {
        return object(read(bytes, offset, length, TreeRoom.ofMessage()));
    }

    private static ObjectNode object(JsonNode value) throws ProtocolException {
        if (value instanceof ObjectNode object) {
            return object;
        }
        throw new ProtocolException(ErrorCode.BAD_JSON, "expected a JSON object, got " + describe(value));
    }

    /** Reads one JSON value that fills the bytes. */
    public static JsonNode read(byte[] bytes, int offset, int length) throws ProtocolException {
        return read(bytes, offset, length, TreeRoom.unbounded());
    }

    static JsonNode read(byte[] bytes, int offset, int length, TreeRoom room) throws ProtocolException {
        try (JsonParser json = parser(bytes, offset, length)) {
            if (json.nextToken() == null) {
                throw new ProtocolException(ErrorCode.BAD_JSON, "expected a JSON object, got nothing");
            }
            JsonNode value = JsonTree.read(json, room);
            JsonToken behind = json.nextToken();
            if (behind != null) {
                throw new ProtocolException(
                        ErrorCode.BAD_JSON,
                        "not JSON" + where(json.currentTokenLocation()) + ": expected nothing behind the first value");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw notJson(e);
        } catch (CharacterCodingException e) {
            throw notUtf8();
        } catch (IOException e) {
            throw new ProtocolException(ErrorCode.BAD_JSON, "not JSON: " + e.getMessage());
        }
    }

    /** The value as UTF-8 text. */
    public static byte[] write(JsonNode value) {
        return text(0, json -> write(json, value));
    }

    /** Writes some JSON. */
    @FunctionalInterface
    interface Writer {
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** What is written, as UTF-8 text, after so many zero bytes that the caller fills in. */
    static byte[] text(int headerBytes, Writer writer) {
        BufferRecycler buffers = FACTORY._getBufferRecycler();
        try (ByteArrayBuilder bytes = new ByteArrayBuilder(buffers)) {
            for (int i = 0; i < headerBytes; i++) {
                bytes.append(0);
            }
            try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
                writer.writeTo(json);
            }
            return bytes.getClearAndRelease();
        } catch (IOException e) {
            throw new UncheckedIOException("it cannot be written as JSON: " + e.getMessage(), e);
        } finally {
            buffers.releaseToPool();
        }
    }

    /** A value that is JSON in UTF-8 already. It can be written, and not be looked at. */
    public static JsonNode written(byte[] utf8) {
        return WrittenJson.node(utf8);
    }

    /** Writes what is JSON in UTF-8 already in the middle of something larger. */
    public static void writeWritten(JsonGenerator json, byte[] utf8) throws IOException {
        json.writeRawValue(WrittenJson.of(utf8));
    }

    /** The value as UTF-8 text, shared if it is {@link #written} already; nobody changes it. */
    public static byte[] utf8(JsonNode value) {
        byte[] written = WrittenJson.bytesOf(value);
        return written == null ? write(value) : written;
    }

    /** Writes the value in the middle of something larger. */
    static void write(JsonGenerator json, JsonNode value) throws IOException {
        value.serialize(json, WRITING);
    }

    static ProtocolException notUtf8() {
        return new ProtocolException(ErrorCode.BAD_JSON, "not JSON: expected UTF-8");
    }

    static ProtocolException notJson(JsonProcessingException cause) {
        if (cause instanceof TreeRoom.Exceeded) {
            return new ProtocolException(ErrorCode.LIMIT_EXCEEDED, cause.getOriginalMessage());
        }
        String message = "not JSON" + where(cause.getLocation()) + ": " + JsonComplaint.of(cause);
        return cause instanceof StreamConstraintsException
                ? new JsonLimitException(message)
                : new ProtocolException(ErrorCode.BAD_JSON, message);
    }

    private static String where(@Nullable JsonLocation location) {
        if (location == null || location.getByteOffset() < 0 && location.getCharOffset() < 0) {
            return "";
        }
        // The parser for many names counts characters.
        return location.getByteOffset() < 0
                ? " at character " + location.getCharOffset()
                : " at byte " + location.getByteOffset();
    }

    /** Reads the value at which the parser stands, in the middle of something larger. */
    static JsonNode readValue(JsonParser parser, TreeRoom room) throws IOException {
        return JsonTree.read(parser, room);
    }

    /**
     * A parser that stands before the first token, behind a byte order mark. It throws at once if it can tell that not all of
     * it is UTF-8.
     */
    static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
        int mark = markBytes(bytes, offset, length);
        int start = offset + mark;
        if (!hasManyNames(bytes, start, length - mark)) {
            return FACTORY.createParser(bytes, start, length - mark);
        }
        // Without the table Jackson would decode the bytes itself, and let pass what is not UTF-8.
        return ofManyNames(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, length - mark)));
    }

    /** The same for who reads as far as it can be read: what is not UTF-8 fails no sooner than the parser comes to it. */
    static JsonParser parserOfPrefix(byte[] bytes, int offset, int length) throws IOException {
        int mark = markBytes(bytes, offset, length);
        int start = offset + mark;
        if (!hasManyNames(bytes, start, length - mark)) {
            return FACTORY.createParser(bytes, start, length - mark);
        }
        CharBuffer text = CharBuffer.allocate(length);
        // Where it stops, the text ends.
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, length - mark), text, true);
        return ofManyNames(text.flip());
    }

    private static int markBytes(byte[] bytes, int offset, int length) {
        return length >= MARK.length && Arrays.equals(bytes, offset, offset + MARK.length, MARK, 0, MARK.length)
                ? MARK.length
                : 0;
    }

    private static JsonParser ofManyNames(CharBuffer text) throws IOException {
        return OF_MANY_NAMES.createParser(text.array(), text.arrayOffset(), text.length());
    }

    /** By its beginning: to look at all of it would cost much of what reading it does. */
    private static boolean hasManyNames(byte[] bytes, int offset, int length) {
        if (length <= LONG_BYTES) {
            return false;
        }
        int names = 0;
        for (int i = offset + 1; i < offset + LOOKED_AT_BYTES; i++) {
            if (bytes[i] == ':' && bytes[i - 1] == '"' && ++names == MANY_NAMES) {
                return true;
            }
        }
        return false;
    }

    /** Whatever Jackson turns into JSON, as a tree that gives the same text. */
    public static JsonNode toTree(@Nullable Object value) {
        try {
            byte[] text = MAPPER.writeValueAsBytes(value);
            return read(text, 0, text.length);
        } catch (JsonProcessingException | ProtocolException e) {
            throw new IllegalArgumentException("cannot be turned into JSON: " + e.getMessage(), e);
        }
    }

    /** The same text for equal values: the fields of objects in order of their names, no spaces. */
    public static String canonical(JsonNode value) {
        StringBuilder text = new StringBuilder();
        appendCanonical(value, text);
        return text.toString();
    }

    private static void appendCanonical(JsonNode value, StringBuilder text) {
        if (value.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            value.fieldNames().forEachRemaining(names::add);
            char separator = '{';
            for (String name : names) {
                text.append(separator)
                        .append(MAPPER.getNodeFactory().textNode(name))
                        .append(':');
                appendCanonical(value.get(name), text);
                separator = ',';
            }
            text.append(names.isEmpty() ? "{}" : "}");
        } else if (value.isArray()) {
            text.append('[');
            for (Iterator<JsonNode> entries = value.elements(); entries.hasNext(); ) {
                appendCanonical(entries.next(), text);
                text.append(entries.hasNext() ? "," : "");
            }
            text.append(']');
        } else if (value instanceof WrittenNumber number) {
            text.append(number.canonicalText());
        } else {
            text.append(value);
        }
    }

    /** Whether each number in it can be read again: it is one, and has neither too many digits nor too large an exponent. */
    public static boolean hasReadableNumbers(JsonNode value) {
        if (value.isContainerNode()) {
            for (JsonNode entry : value) {
                if (!hasReadableNumbers(entry)) {
                    return false;
                }
            }
            return true;
        }
        if (!value.isNumber() || value instanceof WrittenNumber) {
            return true;
        }
        return switch (value.numberType()) {
            case INT, LONG -> true;
            case BIG_INTEGER -> value.bigIntegerValue().abs().compareTo(TOO_MANY_DIGITS) < 0;
            case FLOAT, DOUBLE -> Double.isFinite(value.doubleValue());
            case BIG_DECIMAL -> isReadable(value.decimalValue());
        };
    }

    private static boolean isReadable(BigDecimal number) {
        // It is written with at most seven zeros of its own, and with an exponent of ten digits.
        return number.precision() <= ProtocolLimits.MAX_NUMBER_DIGITS - 17
                && WrittenNumber.hasBoundedExponent(number.toString());
    }

    /** A value in words, short enough for a message. */
    public static String describe(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case MISSING -> "nothing";
            default -> {
                String text = value.toString();
                yield text.length() <= 60 ? text : text.substring(0, 57) + "…";
            }
        };
    }
}
