package io.divvy.recording;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.recording.RecordedTurn.Line;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;

/** The first line of a recording: the format with its number, and what the scheduler was made of where it is not the usual. */
final class HeaderText {
    private static final String NAME = "divvy-recording";
    private static final String FORMAT = NAME + " 1";

    private static final String VERSION = "version";
    private static final String START = "start";
    private static final String SAVES_PROGRESS = "savesProgress";
    private static final String SEED = "seed";
    private static final String LIMITS = "limits";
    private static final String RETRY_POLICY = "retryPolicy";
    private static final List<String> FIELDS = List.of(VERSION, START, SAVES_PROGRESS, SEED, LIMITS, RETRY_POLICY);

    private static final ObjectMapper MAPPER = FieldMapper.relaxed().build();

    private HeaderText() {}

    static String of(RecordingHeader header) {
        ObjectNode fields = MAPPER.createObjectNode();
        fields.put(VERSION, header.version());
        fields.put(START, Instant.ofEpochMilli(header.startMs()).toString());
        if (header.savesProgress()) {
            fields.put(SAVES_PROGRESS, true);
        }
        fields.put(SEED, header.seed());
        setOthers(fields, LIMITS, header.limits(), Limits.DEFAULT);
        setOthers(fields, RETRY_POLICY, header.retryPolicy(), RetryPolicy.DEFAULT);
        return FORMAT + " " + text(fields);
    }

    private static String text(ObjectNode fields) {
        try {
            return MAPPER.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that cannot be written: " + fields, e);
        }
    }

    private static void setOthers(ObjectNode fields, String name, Object value, Object usual) {
        ObjectNode others = MAPPER.valueToTree(value);
        JsonNode usualFields = MAPPER.valueToTree(usual);
        others.properties().removeIf(field -> field.getValue().equals(usualFields.get(field.getKey())));
        if (!others.isEmpty()) {
            fields.set(name, others);
        }
    }

    static RecordingHeader read(Line at) throws RecordingException {
        String line = at.text();
        if (!line.startsWith(NAME)) {
            throw new RecordingException(
                    at.number(), "this is no recording; expected a first line that begins with \"" + FORMAT + "\"");
        }
        if (!line.startsWith(FORMAT + " ")) {
            throw new RecordingException(
                    at.number(),
                    "a recording of another format; this version reads \"" + FORMAT + "\". Use the version of divvy"
                            + " that recorded it");
        }
        try {
            return header(MAPPER.readTree(line.substring(FORMAT.length())));
        } catch (JsonProcessingException e) {
            throw new RecordingException(at.number(), e.getOriginalMessage(), e);
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new RecordingException(at.number(), String.valueOf(e.getMessage()), e);
        }
    }

    private static RecordingHeader header(JsonNode fields) throws JsonProcessingException {
        for (Iterator<String> names = fields.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!FIELDS.contains(name)) {
                throw new IllegalArgumentException("unknown field " + name + "; expected some of " + FIELDS);
            }
        }
        if (!fields.path(START).isTextual()) {
            throw new IllegalArgumentException(
                    START + ": expected the time of the beginning, for instance \"2026-03-01T12:00:00Z\", got "
                            + fields.path(START));
        }
        return RecordingHeader.of(
                        fields.path(VERSION).asText(),
                        Instant.parse(fields.path(START).asText()).toEpochMilli())
                .savesProgress(fields.path(SAVES_PROGRESS).asBoolean())
                .seed(fields.path(SEED).asLong())
                .limits(withOthers(fields.path(LIMITS), Limits.DEFAULT, Limits.class))
                .retryPolicy(withOthers(fields.path(RETRY_POLICY), RetryPolicy.DEFAULT, RetryPolicy.class))
                .build();
    }

    private static <T> T withOthers(JsonNode others, T usual, Class<T> type) throws JsonProcessingException {
        ObjectNode all = MAPPER.valueToTree(usual);
        others.properties().forEach(field -> all.set(field.getKey(), field.getValue()));
        return MAPPER.treeToValue(all, type);
    }
}
