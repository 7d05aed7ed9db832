package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static void assertNotJson(byte[] bytes) {
        ProtocolException refused =
                assertThrows(ProtocolException.class, () -> Json.readObject(bytes, 0, bytes.length));
        assertEquals(ErrorCode.BAD_JSON, refused.code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{'a':1",
                "{'a':1}}",
                "{} {}",
                "{}x",
                "{'a':1,}",
                "{'a':01}",
                "{'a':NaN}",
                "{'a':+1}",
                "{'a':.5}",
                "{a:1}",
                "{'a':1}//",
                "{'a':tru}",
                "{'a':'\n'}",
                "{'a':1,'a':2}",
                "{'a':{'b':1,'b':1}}"
            })
    void textThatIsNotOneJsonValueWithoutDuplicatesIsRefused(String text) {
        assertNotJson(Wire.bytes(text));
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        for (int[] bad : new int[][] {{0xff}, {0xc3, 0x28}, {0xe2, 0x82}, {0xf8, 0x88, 0x80, 0x80, 0x80}, {0x80}}) {
            byte[] text = "{\"a\":\"??????\"}".getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < bad.length; i++) {
                text[6 + i] = (byte) bad[i];
            }
            assertNotJson(text);
        }
        assertNotJson("{\"a\":1}".getBytes(StandardCharsets.UTF_16));
    }

    @Test
    void theMessageSaysWhere() {
        byte[] text = Wire.bytes("{'a':1,'b':x}");
        ProtocolException refused = assertThrows(ProtocolException.class, () -> Json.readObject(text, 0, text.length));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("not JSON at byte 1"), refused.getMessage());
    }

    @Test
    void aByteOrderMarkBeforeTheValueIsNoPartOfIt() throws ProtocolException {
        byte[] text = "\ufeff {\"a\":\"\ufeff\"}".getBytes(StandardCharsets.UTF_8);
        assertEquals(Wire.json("{'a':'\ufeff'}"), Json.readObject(text, 0, text.length));
        byte[] behind = ("x" + new String(text, StandardCharsets.UTF_8) + "x").getBytes(StandardCharsets.UTF_8);
        assertEquals(Wire.json("{'a':'\ufeff'}"), Json.readObject(behind, 1, text.length));

        byte[] manyNames = new String(behindManyNames(0, "7"), StandardCharsets.UTF_8)
                .replaceFirst("", "\ufeff")
                .getBytes(StandardCharsets.UTF_8);
        assertEquals(5_001, Json.readObject(manyNames, 0, manyNames.length).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ufeff", "\ufeff\ufeff{}", " \ufeff{}", "{\ufeff}", "{}\ufeff"})
    void aByteOrderMarkElsewhereOrAloneIsNotJson(String text) {
        assertNotJson(Wire.bytes(text));
    }

    @Test
    void aValueOverALimitIsToldTheLimitAndItsName() {
        byte[] digits = Wire.bytes("{'a':" + "9".repeat(ProtocolLimits.MAX_NUMBER_DIGITS + 1) + "}");
        ProtocolException tooManyDigits =
                assertThrows(JsonLimitException.class, () -> Json.readObject(digits, 0, digits.length));
        assertEquals(
                "not JSON: a number has 1001 digits; expected at most 1000, the limit \"digits of one number\"",
                tooManyDigits.getMessage());
        byte[] levels = Wire.bytes("[".repeat(ProtocolLimits.MAX_JSON_DEPTH + 1));
        ProtocolException tooDeep =
                assertThrows(JsonLimitException.class, () -> Json.readObject(levels, 0, levels.length));
        assertEquals(
                "not JSON: it is nested 101 levels deep; expected at most 100, the limit \"JSON nesting\"",
                tooDeep.getMessage());
    }

    @Test
    void depthIsLimited() throws ProtocolException {
        int most = ProtocolLimits.MAX_JSON_DEPTH;
        Wire.json("[".repeat(most) + "]".repeat(most));
        assertNotJson(Wire.bytes("[".repeat(most + 1) + "]".repeat(most + 1)));
        assertNotJson(Wire.bytes("{'a':".repeat(1_000_000)));
    }

    @Test
    void wholeNumbersAreExactUpToAThousandDigits() throws ProtocolException {
        String most = "9".repeat(ProtocolLimits.MAX_NUMBER_DIGITS);
        for (String number : new String[] {"9007199254740993", "9223372036854775808", most, "-" + most}) {
            JsonNode value = Wire.json("{'a':" + number + "}").get("a");
            assertTrue(value.isIntegralNumber());
            assertEquals(new BigInteger(number), value.bigIntegerValue());
            assertEquals(
                    "{\"a\":" + number + "}", Wire.json("{'a':" + number + "}").toString());
        }
        assertNotJson(Wire.bytes("{'a':" + most + "0}"));
        assertNotJson(Wire.bytes("{'a':-" + most + "0}"));
    }

    @Test
    void fractionsKeepTheirDigits() throws ProtocolException {
        assertEquals(
                "[0.1,1.50,3.14159265358979323846264338327950288]",
                Wire.json("[0.1,1.50,3.14159265358979323846264338327950288]").toString());
    }

    @Test
    void canonicalTextDoesNotDependOnTheOrderOfFieldsOrOnSpaces() throws ProtocolException {
        JsonNode one = Wire.json("{'b':[1,{'d':null,'c':'x'}],'a':{}}");
        JsonNode other = Wire.json(" { 'a' : { } , 'b' : [ 1 , { 'c' : 'x' , 'd' : null } ] } ");
        assertEquals("{\"a\":{},\"b\":[1,{\"c\":\"x\",\"d\":null}]}", Json.canonical(one));
        assertEquals(Json.canonical(one), Json.canonical(other));
        assertNotEquals(Json.canonical(Wire.json("[1,2]")), Json.canonical(Wire.json("[2,1]")));
        assertNotEquals(Json.canonical(Wire.json("['1']")), Json.canonical(Wire.json("[1]")));
        assertNotEquals(Json.canonical(Wire.json("{'a,b':1}")), Json.canonical(Wire.json("{'a':1,'b':1}")));
    }

    @Test
    void aValueIsDescribedBriefly() throws ProtocolException {
        assertEquals("an array", Json.describe(Wire.json("[1]")));
        assertEquals("an object", Json.describe(Wire.json("{}")));
        assertEquals("\"x\"", Json.describe(Wire.json("'x'")));
        assertEquals("null", Json.describe(Wire.json("null")));
        assertEquals(
                58, Json.describe(Wire.json("'" + "x".repeat(1_000_000) + "'")).length());
    }

    @Test
    void anAnswerThatCouldNotBeReadAgainIsKnown() throws ProtocolException {
        BigInteger least = BigInteger.TEN.pow(ProtocolLimits.MAX_NUMBER_DIGITS);
        assertFalse(Json.hasReadableNumbers(BigIntegerNode.valueOf(least)));
        assertFalse(Json.hasReadableNumbers(Json.MAPPER.createArrayNode().add(least.negate())));
        assertFalse(Json.hasReadableNumbers(Json.MAPPER.createObjectNode().put("a", least)));
        assertTrue(Json.hasReadableNumbers(BigIntegerNode.valueOf(least.subtract(BigInteger.ONE))));
        assertTrue(Json.hasReadableNumbers(Wire.json("{'a':[1,'" + "9".repeat(2_000) + "',1.5,null]}")));
    }

    /** An object of so many different names, with the text as the value of the last. */
    private static byte[] behindManyNames(int life, String last) {
        StringBuilder json = new StringBuilder("{");
        for (int name = 0; name < 5_000; name++) {
            json.append('"')
                    .append(life)
                    .append('-')
                    .append(name)
                    .append("w".repeat(170))
                    .append("\":1,");
        }
        return json.append("\"last\":")
                .append(last.replace('\'', '"'))
                .append('}')
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{'a':1}}", "1} {", "{'a':1,'a':2}", "01", "NaN", "'\n'", "tru", "1e99999999999", "{'a"})
    void amongManyNamesTheSameIsRefused(String last) {
        assertNotJson(behindManyNames(0, last));
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedAmongManyNames() {
        byte[] bytes = behindManyNames(0, "'?'");
        bytes[bytes.length - 3] = (byte) 0xff;
        assertNotJson(bytes);
    }

    @Test
    void numbersAndTextsAmongManyNamesAreReadAsWritten() throws ProtocolException {
        byte[] bytes = behindManyNames(0, "[1.8978416287365228e+16,12345678901234567890123,'\u00e4']");
        JsonNode read = Json.read(bytes, 0, bytes.length);
        assertEquals(5_001, read.size());
        assertEquals(new String(bytes, StandardCharsets.UTF_8), new String(Json.write(read), StandardCharsets.UTF_8));
    }

    /** The table of names that the parser keeps was copied and grew for each of them, to a multiple of what they take. */
    @Test
    void manyLongNamesCostWhatTheyTake() throws ProtocolException {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long length = 0;
        long allocated = 0;
        for (int life = 1; life <= 10; life++) {
            byte[] bytes = behindManyNames(life, "1");
            long before = threads.getThreadAllocatedBytes(thread);
            Json.read(bytes, 0, bytes.length);
            allocated += threads.getThreadAllocatedBytes(thread) - before;
            length += bytes.length;
        }
        assertTrue(allocated < 6 * length, "a byte costs " + allocated / length);
    }
}
