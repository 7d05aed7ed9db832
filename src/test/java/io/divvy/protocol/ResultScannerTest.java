package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the scanner reads, the parser reads the same way; all else it leaves to the parser. */
class ResultScannerTest {
    private static final String[] GOOD = {
        "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[5]}",
        "{\"type\":\"result\",\"lease\":0,\"from\":9007199254740991,\"results\":[0,-1,999999999999999999]}",
        "{\"type\": \"result\", \"lease\": 17, \"from\": 1000, \"results\": [1, 2]}",
        " {\t\"type\" :\"result\",\r\n\"lease\":17,\"from\":3,\"results\":[ -5 ,6 ] } ",
    };

    @Test
    void theUsualResultIsScanned() throws ProtocolException {
        for (String message : GOOD) {
            assertNotNull(scan(message), message);
            assertSameAsParsed(message);
        }
        assertArrayEquals(new long[] {-5, 6}, values(scan(GOOD[3])));
    }

    @Test
    void manyResultsAreScanned() {
        StringBuilder numbers = new StringBuilder("0");
        for (int i = 1; i < 1_000; i++) {
            numbers.append(',').append(i);
        }
        FromWorker.Result result = scan("{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[" + numbers + "]}");
        assertEquals(1_000, values(result).length);
        assertEquals(999, values(result)[999]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"heartbeat\"}",
                "{\"lease\":17,\"type\":\"result\",\"from\":3,\"results\":[5]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"to\":4,\"combined\":5}",
                "{\"type\":\"result\",\"task_id\":\"t\",\"from\":3,\"results\":[5]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[05]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[-0]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[5.5]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[5e1]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[1000000000000000000]}",
                "{\"type\":\"result\",\"lease\":-1,\"from\":3,\"results\":[5]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":9007199254740992,\"results\":[5]}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[5]}}",
                "{\"type\":\"result\",\"lease\":17,\"from\":3,\"results\":[5],\"results\":[6]}",
            })
    void anythingElseIsLeftToTheParser(String message) {
        assertNull(scan(message));
    }

    /** Messages with a byte changed, removed or doubled, and cut short: none is read in a way of the scanner's own. */
    @Test
    void damagedMessagesAreNeverReadDifferently() throws ProtocolException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "{}[]\":, -0123456789.eE\u00e9\\typlsfrom\u0000";
        int scanned = 0;
        for (int round = 0; round < 200_000; round++) {
            StringBuilder message = new StringBuilder(GOOD[random.nextInt(GOOD.length)]);
            int at = random.nextInt(message.length());
            char other = alphabet.charAt(random.nextInt(alphabet.length()));
            switch (random.nextInt(4)) {
                case 0 -> message.setCharAt(at, other);
                case 1 -> message.deleteCharAt(at);
                case 2 -> message.insert(at, other);
                default -> message.setLength(at);
            }
            if (scan(message.toString()) != null) {
                scanned++;
                assertSameAsParsed(message + " (seed " + seed + ")", message.toString());
            }
        }
        assertTrue(scanned > 10_000, "only " + scanned + " were scanned");
    }

    private static void assertSameAsParsed(String message) throws ProtocolException {
        assertSameAsParsed(message, message);
    }

    private static void assertSameAsParsed(String what, String message) throws ProtocolException {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        FromWorker.Result scanned = scan(message);
        FromWorker.Result parsed = (FromWorker.Result) FromWorker.parse(bytes, 0, bytes.length);
        assertEquals(parsed.lease(), scanned.lease(), what);
        assertEquals(parsed.from(), scanned.from(), what);
        assertArrayEquals(values(parsed), values(scanned), what);
    }

    private static long[] values(FromWorker.Result result) {
        return ((ResultValues.Longs) result.results()).values();
    }

    /** In the middle of other bytes, as it arrives. */
    private static FromWorker.Result scan(String message) {
        byte[] bytes = ("7" + message + "7").getBytes(StandardCharsets.UTF_8);
        return ResultScanner.scan(bytes, 1, bytes.length - 2);
    }
}
