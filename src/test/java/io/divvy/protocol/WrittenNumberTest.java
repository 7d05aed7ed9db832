package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A number leaves in the characters in which it came, wherever it went through. */
class WrittenNumberTest {
    private static final int MOST_DIGITS = ProtocolLimits.MAX_NUMBER_DIGITS;
    private static final int MOST_EXPONENT = ProtocolLimits.MAX_NUMBER_EXPONENT;

    private static String written(JsonNode value) {
        return new String(Json.write(value), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.8978416287365228e+16",
                "1e5",
                "1E5",
                "1e+5",
                "1e05",
                "1.0",
                "1.10",
                "-0.0",
                "0e0",
                "-0e-3",
                "1E400",
                "1e-400",
                "12345678901234567890.0",
                "0.1000000000000000055511151231257827021181583404541015625",
                "100000000000000000000e-20",
                "1e100000",
                "-1E-100000"
            })
    void aFloatKeepsItsCharactersAndStaysAFloat(String text) throws ProtocolException {
        JsonNode value = Wire.json(text);
        assertFalse(value.isIntegralNumber());
        assertTrue(value.isFloatingPointNumber());
        assertEquals(text, written(value));
        assertEquals(text, value.toString());
        assertEquals(text, value.asText());
        assertEquals(
                Double.doubleToRawLongBits(Double.parseDouble(text)), Double.doubleToRawLongBits(value.asDouble()));
        assertEquals(0, new BigDecimal(text).compareTo(value.decimalValue()));

        String inside = "{\"a\":[" + text + ",{\"b\":" + text + "}]}";
        JsonNode tree = Wire.json(inside);
        assertEquals(inside, written(tree));
        assertEquals(inside, written(tree.deepCopy()));
        assertEquals(inside, written(Json.toTree(Map.of("a", tree.get("a")))));
    }

    /** Seeded: whatever the grammar of JSON allows for a number goes through as it is, or over a limit. */
    @Test
    void anyNumberIsWrittenAsItWasRead() throws ProtocolException {
        long seed = 20_261_125;
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            String text = randomNumber(random);
            String array = "[" + text + "]";
            JsonNode value;
            try {
                value = Wire.json(array).get(0);
            } catch (JsonLimitException e) {
                assertTrue(isOverLimit(text), () -> "seed " + seed + ": " + text + ": " + e.getMessage());
                continue;
            }
            assertFalse(isOverLimit(text), () -> "seed " + seed + ": " + text + " is over a limit");
            boolean isWhole = text.matches("-?\\d+");
            assertEquals(isWhole, value.isIntegralNumber(), text);
            // A whole zero has no sign.
            String expected = text.equals("-0") ? "0" : text;
            assertEquals(expected, written(value), () -> "seed " + seed);
            // As the results of a worker, in memory and in the store.
            ResultValues results = ResultValues.parse(Wire.bytes(array));
            assertEquals(expected, written(results.get(0)), () -> "seed " + seed);
            byte[] stored = new ResultValues.Text().add(results, 0, 1).toBytes();
            assertEquals("[" + expected + "]", new String(stored, StandardCharsets.UTF_8), () -> "seed " + seed);
            assertEquals(Json.canonical(value), Json.canonical(Wire.json(expected)), () -> "seed " + seed);
        }
    }

    private static String randomNumber(Random random) {
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "" : "-");
        String whole = digits(random);
        text.append(whole.replaceFirst("^0+(?=.)", ""));
        if (random.nextBoolean()) {
            text.append('.').append(digits(random));
        }
        if (random.nextBoolean()) {
            String[] signs = {"", "+", "-"};
            text.append(random.nextBoolean() ? 'e' : 'E').append(signs[random.nextInt(3)]);
            text.append(random.nextInt(4) == 0 ? digits(random) : String.valueOf(random.nextInt(200_000)));
        }
        return text.toString();
    }

    /** Mostly few, sometimes around the limit. */
    private static String digits(Random random) {
        int count = random.nextInt(20) == 0 ? MOST_DIGITS - 5 + random.nextInt(10) : 1 + random.nextInt(25);
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append((char) ('0' + (random.nextInt(3) == 0 ? 0 : random.nextInt(10))));
        }
        return digits.toString();
    }

    private static boolean isOverLimit(String text) {
        String[] parts = text.split("[eE]");
        long digits = text.chars().filter(Character::isDigit).count();
        if (digits > MOST_DIGITS) {
            return true;
        }
        return parts.length == 2
                && new BigInteger(parts[1].replace("+", "")).abs().compareTo(BigInteger.valueOf(MOST_EXPONENT)) > 0;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e100001",
                "1e-100001",
                "1e999999999",
                "1E-999999999",
                "1e2147483648",
                "1e9999999999",
                "1E-99999999999",
                "0e9999999999",
                "1e99999999999999999999999"
            })
    void anExponentOutOfBoundsIsNotJsonWhereverItStands(String number) {
        for (String text : new String[] {"%", "[1,%]", "{'a':{'b':[%]}}"}) {
            byte[] bytes = Wire.bytes(text.replace("%", number));
            JsonLimitException refused =
                    assertThrows(JsonLimitException.class, () -> Json.read(bytes, 0, bytes.length), text);
            assertEquals(ErrorCode.BAD_JSON, refused.code());
            assertTrue(refused.getMessage().contains("expected one from -100000 to 100000"), refused.getMessage());
        }
        for (String message : new String[] {
            "{'type':'result','lease':1,'from':0,'results':[%]}",
            "{'type':'result','lease':1,'from':0,'results':[1,[%]]}",
            "{'type':'result','lease':1,'from':0,'to':1,'combined':%}",
            "{'type':'result','lease':1,'from':0,'results':[1],'unknown':%}",
            "{'lease':1,'from':0,'results':[%],'type':'result'}",
            "{'lease':1,'from':0,'results':[1],'unknown':[%],'type':'result'}",
            "{'type':'heartbeat','leases':{'1':%}}",
            "{'type':'error','lease':1,'index':0,'message':'x','detail':%}"
        }) {
            Wire.assertRefused(ErrorCode.BAD_JSON, "not JSON at byte", FromWorker::read, message.replace("%", number));
        }
        Wire.assertRefused(
                ErrorCode.BAD_JSON,
                "not JSON at byte",
                FromSender::read,
                "{'type':'submit','task':{'type':'t','payloads':[" + number + "]}}");
        Wire.assertRefused(
                ErrorCode.BAD_JSON,
                "not JSON at byte",
                Plain.Task::read,
                "{'task_id':'a','range':[1," + number + "],'num_subtasks':1}");
        byte[] stored = Wire.bytes("[" + number + "]");
        assertEquals(
                ErrorCode.BAD_JSON,
                assertThrows(ProtocolException.class, () -> ResultValues.parse(stored))
                        .code());
    }

    @Test
    void resultsOfWhateverOrderOfFieldsKeepTheirCharacters() throws ProtocolException {
        String expected = "[1,1.8978416287365228e+16,-0.0]";
        for (String message : new String[] {
            "{'type':'result','lease':1,'from':0,'results':%}", "{'from':0,'lease':1,'results':%,'type':'result'}"
        }) {
            FromWorker.Result result = (FromWorker.Result) Wire.read(FromWorker::read, message.replace("%", expected));
            byte[] text = new ResultValues.Text().add(result.results(), 0, 3).toBytes();
            assertEquals(expected, new String(text, StandardCharsets.UTF_8));
            assertTrue(Wire.text(result).contains(expected));
        }
    }

    @Test
    void aTaskObjectThatIsStoredHasTheSameNumbers() throws ProtocolException {
        TaskObject task = TaskObject.read(Wire.object("{'type':'t','payloads':[1e5,1,1.10,-0.0,1E400,123e0]}"));
        String stored = new String(task.toJson(), StandardCharsets.UTF_8);
        assertTrue(stored.contains("[1e5,1,1.10,-0.0,1E400,123e0]"), stored);
        TaskObject again = TaskObject.read(Json.readObject(task.toJson(), 0, task.toJson().length));
        assertEquals(task.fingerprint(6), again.fingerprint(6));
    }

    private static String fingerprint(String number) throws ProtocolException {
        return TaskObject.read(Wire.object("{'type':'t','params':{'a':" + number + "}}"))
                .fingerprint(1);
    }

    @Test
    void theSameTaskHasTheSameNumbersHoweverTheyAreWritten() throws ProtocolException {
        for (String same : new String[] {"100000.0", "1E5", "1e+05", "100000.00", "10e4", "1000000e-1"}) {
            assertEquals(fingerprint("1e5"), fingerprint(same), same);
        }
        assertEquals(fingerprint("0.5"), fingerprint("5e-1"));
        assertEquals(fingerprint("0.0"), fingerprint("0e7"));
        assertEquals(fingerprint("-0.0"), fingerprint("-0e7"));
    }

    @Test
    void aWholeNumberAndAFloatAreNotTheSameTask() throws ProtocolException {
        assertNotEquals(fingerprint("1"), fingerprint("1.0"));
        assertNotEquals(fingerprint("100000"), fingerprint("1e5"));
        assertNotEquals(fingerprint("18978416287365228"), fingerprint("1.8978416287365228e+16"));
        assertNotEquals(fingerprint("100000000000000000000000"), fingerprint("1e23"));
        assertNotEquals(fingerprint("0"), fingerprint("0.0"));
        assertNotEquals(fingerprint("0.0"), fingerprint("-0.0"));
        assertNotEquals(fingerprint("1e5"), fingerprint("1.00001e5"));
    }

    /** A worker's code may turn what it gets into objects with a mapper of its own. */
    @Test
    void otherMappersReadTheValueOfAWrittenNumber() throws Exception {
        ObjectNode payload = Wire.object("{'a':1.8978416287365228e+16,'b':1e5,'c':0.25,'d':-0.0}");
        ObjectMapper mapper = new ObjectMapper();
        Map<?, ?> map = mapper.convertValue(payload, Map.class);
        assertEquals(1.8978416287365228e16, ((Number) map.get("a")).doubleValue());
        assertEquals(1e5, ((Number) map.get("b")).doubleValue());
        assertEquals(0.25, mapper.treeToValue(payload.get("c"), double.class));
        assertEquals(
                1e5,
                mapper.readValue(mapper.writeValueAsBytes(payload), Map.class).get("b"));
    }

    @Test
    void numbersWithEnormousExponentsHaveTheirValues() throws ProtocolException {
        JsonNode large = Wire.json("1e100000");
        assertFalse(large.canConvertToLong());
        assertFalse(large.canConvertToInt());
        assertEquals(Double.POSITIVE_INFINITY, large.doubleValue());
        assertEquals(MOST_EXPONENT + 1, large.bigIntegerValue().toString().length());
    }

    @Test
    void unreadableNumbersOfOurOwnAreFound() throws ProtocolException {
        assertTrue(Json.hasReadableNumbers(DoubleNode.valueOf(1e300)));
        assertFalse(Json.hasReadableNumbers(DoubleNode.valueOf(Double.NaN)));
        assertFalse(Json.hasReadableNumbers(Json.MAPPER.createArrayNode().add(Float.NEGATIVE_INFINITY)));
        assertTrue(Json.hasReadableNumbers(DecimalNode.valueOf(new BigDecimal("1e100000"))));
        assertFalse(Json.hasReadableNumbers(DecimalNode.valueOf(new BigDecimal("1e100001"))));
        assertFalse(Json.hasReadableNumbers(DecimalNode.valueOf(new BigDecimal("1." + "1".repeat(MOST_DIGITS)))));
        assertFalse(Json.hasReadableNumbers(BigIntegerNode.valueOf(BigInteger.TEN.pow(MOST_DIGITS))));
        assertTrue(Json.hasReadableNumbers(Wire.json("[1e100000,-0.0,1]")));
    }
}
