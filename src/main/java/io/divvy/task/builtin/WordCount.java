package io.divvy.task.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.EvenParts;
import io.divvy.task.ExactSum;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Params;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How often each word comes in {@code texts}. A word is a run of letters and digits, as {@link
 * Character#isLetterOrDigit(int)} knows them, in the lower case of no country in particular ({@link Locale#ROOT}).
 */
public final class WordCount implements TaskType {
    /** Characters that are read before anybody is asked whether to go on. */
    private static final int STRETCH = 1 << 16;

    @Override
    public String name() {
        return "word_count";
    }

    /** A subtask for each text, or for several texts that follow each other. */
    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
        JsonNode texts = texts(params);
        EvenParts parts = EvenParts.of(texts.size(), subtasks == null ? texts.size() : subtasks);
        return new Subtasks() {
            @Override
            public long count() {
                return parts.count();
            }

            @Override
            public JsonNode payload(long index) {
                StringJoiner joined = new StringJoiner("\n"); // The end of a text is the end of a word.
                for (long text = parts.start(index); text < parts.start(index + 1); text++) {
                    joined.add(texts.get((int) text).textValue());
                }
                return JsonNodeFactory.instance.objectNode().put("text", joined.toString());
            }
        };
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) throws InvalidParamsException, InterruptedException {
        String text = Params.ofPayload(payload, "{\"text\":\"some words\"}")
                .requireOnly("text")
                .text("text");
        SortedMap<String, ExactSum> counts = new TreeMap<>();
        int wordStart = -1; // Of the word that is being read, or -1.
        int checkAt = STRETCH;
        for (int at = 0; at < text.length(); ) {
            int character = text.codePointAt(at);
            if (!Character.isLetterOrDigit(character)) {
                count(counts, text, wordStart, at);
                wordStart = -1;
            } else if (wordStart < 0) {
                wordStart = at;
            }
            at += Character.charCount(character);
            if (at >= checkAt) {
                checkAt = at + STRETCH;
                context.checkCancelled();
            }
        }
        count(counts, text, wordStart, text.length());
        return toJson(counts);
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) {
        return new CountsCombiner();
    }

    @Override
    public ObjectNode paramsSchema() {
        return JsonText.object("""
                {
                  "type": "object",
                  "properties": {
                    "texts": {"type": "array", "items": {"type": "string"}}
                  },
                  "required": ["texts"],
                  "additionalProperties": false
                }
                """);
    }

    @Override
    public List<ObjectNode> exampleParams() {
        return List.of(JsonText.object("""
                        {"texts": ["The quick brown fox", "jumps over the lazy dog.", "The end"]}
                        """));
    }

    private static JsonNode texts(ObjectNode object) throws InvalidParamsException {
        Params params = Params.of(object).requireOnly("texts");
        JsonNode texts = params.any("texts");
        if (texts == null || !texts.isArray()) {
            throw params.wrong("texts", "an array of texts", texts);
        }
        for (int i = 0; i < texts.size(); i++) {
            if (!texts.get(i).isTextual()) {
                throw params.wrong("texts[" + i + "]", "a text", texts.get(i));
            }
        }
        return texts;
    }

    private static void count(SortedMap<String, ExactSum> counts, String text, int wordStart, int wordEnd) {
        if (wordStart >= 0) {
            add(counts, text.substring(wordStart, wordEnd).toLowerCase(Locale.ROOT))
                    .add(1);
        }
    }

    private static ExactSum add(SortedMap<String, ExactSum> counts, String word) {
        return counts.computeIfAbsent(word, w -> new ExactSum());
    }

    private static ObjectNode toJson(SortedMap<String, ExactSum> counts) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        counts.forEach((word, count) -> object.set(word, count.toJson()));
        return object;
    }

    /** Adds up by word. The words of the answer are sorted, so it does not depend on the order of the results. */
    private static final class CountsCombiner implements Combiner<SortedMap<String, ExactSum>> {
        @Override
        public SortedMap<String, ExactSum> empty() {
            return new TreeMap<>();
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            boolean fits = result.isObject();
            for (JsonNode count : result) {
                fits &= count.isIntegralNumber();
            }
            return fits ? null : "expected an object of whole numbers";
        }

        @Override
        public SortedMap<String, ExactSum> add(SortedMap<String, ExactSum> counts, JsonNode result) {
            result.properties()
                    .forEach(count -> WordCount.add(counts, count.getKey())
                            .add(count.getValue().bigIntegerValue()));
            return counts;
        }

        @Override
        public SortedMap<String, ExactSum> merge(SortedMap<String, ExactSum> left, SortedMap<String, ExactSum> right) {
            right.forEach((word, count) -> WordCount.add(left, word).add(count));
            return left;
        }

        @Override
        public JsonNode finish(SortedMap<String, ExactSum> counts) {
            return toJson(counts);
        }

        @Override
        public boolean isExact() {
            return true;
        }
    }
}
