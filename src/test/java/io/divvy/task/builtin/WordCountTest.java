package io.divvy.task.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.JsonText;
import io.divvy.task.Subject;
import io.divvy.task.Subtasks;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WordCountTest {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{Nd}]+");

    private final WordCount type = new WordCount();
    private final Subject wordCount = new Subject(type);

    @Test
    void theAnswerIsSortedByWord() throws Exception {
        assertEquals(
                "{\"brown\":1,\"fox\":2,\"the\":3}",
                wordCount
                        .answer("{\"texts\":[\"The brown fox\",\"the FOX\",\"...the\"]}", null)
                        .toString());
    }

    @Test
    void wordsAreRunsOfLettersAndDigitsOfAnyScript() throws Exception {
        assertEquals(
                "{\"don\":1,\"naïve\":2,\"r2d2\":1,\"t\":1,\"x\":1,\"ὀδυσσεύς\":1,\"東京\":1,\"𝒜b\":1}",
                wordCount
                        .process("{\"text\":\"Naïve (naïve) R2D2, don't ὈΔΥΣΣΕΎΣ?東京-x 𝒜b\"}")
                        .toString());
    }

    @Test
    void lowerCaseDoesNotDependOnTheCountry() throws Exception {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            assertEquals(
                    "{\"title\":1}", wordCount.process("{\"text\":\"TITLE\"}").toString());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aTextWithoutWordsHasNone() throws Exception {
        assertEquals("{}", wordCount.answer("{\"texts\":[\"\",\" ...\"]}", null).toString());
    }

    @Test
    void noTextsHaveNoSubtasksAndNoWords() throws Exception {
        ObjectNode params = JsonText.object("{\"texts\":[]}");
        assertEquals(0, type.split(params, null).count());
        assertEquals(0, type.split(params, 3L).count());
        assertEquals("{}", wordCount.answer("{\"texts\":[]}", null).toString());
    }

    @Test
    void textsThatShareASubtaskKeepTheirWordsApart() throws Exception {
        ObjectNode params = JsonText.object("{\"texts\":[\"a b\",\"b\",\"c\"]}");
        Subtasks subtasks = type.split(params, 2L);
        assertEquals(2, subtasks.count());
        assertEquals("{\"text\":\"a b\\nb\"}", subtasks.payload(0).toString());
        assertEquals(3, type.split(params, null).count());
        assertEquals(3, type.split(params, 50L).count());
        assertEquals(
                "{\"a\":1,\"b\":2,\"c\":1}",
                wordCount.answer(params.toString(), 1L).toString());
    }

    @Test
    void randomTextsAgreeWithARegularExpression() throws Exception {
        String alphabet = "aAbBzéßΣ9 \t.,-_'\n𝒜東";
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            ObjectNode params = JsonNodeFactory.instance.objectNode();
            var texts = params.putArray("texts");
            StringBuilder all = new StringBuilder();
            for (int i = 0; i <= random.nextInt(8); i++) {
                String text = random.ints(random.nextInt(200), 0, alphabet.codePointCount(0, alphabet.length()))
                        .map(at -> alphabet.codePointAt(alphabet.offsetByCodePoints(0, at)))
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
                texts.add(text);
                all.append(text).append(' ');
            }
            Map<String, Long> expected = WORD.matcher(all)
                    .results()
                    .map(word -> word.group().toLowerCase(Locale.ROOT))
                    .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
            JsonNode answer = wordCount.answer(params.toString(), 1L + random.nextInt(4));
            Map<String, Long> counts = new TreeMap<>();
            answer.properties()
                    .forEach(word -> counts.put(word.getKey(), word.getValue().longValue()));
            assertEquals(expected, counts, "seed " + seed);
        }
    }

    @Test
    void paramsThatMakeNoSenseAreRefusedByName() {
        assertEquals("params.texts: expected an array of texts, got nothing", wordCount.complaint("{}"));
        assertEquals("params.texts: expected an array of texts, got {}", wordCount.complaint("{\"texts\":{}}"));
        assertEquals("params.texts[1]: expected a text, got 3", wordCount.complaint("{\"texts\":[\"a\",3]}"));
    }
}
