package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.protocol.FromWorker.Offer;
import io.divvy.protocol.ResultValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class UnackedResultsTest {
    private final UnackedResults unacked = new UnackedResults();

    @Test
    void unackedResultsAreOfferedInAsFewMessagesAsTheyHaveGaps() {
        unacked.addAnswer(1, "t", 0, numbers(0, 1));
        unacked.addAnswer(1, "t", 2, numbers(2));
        unacked.addAnswer(1, "t", 4, numbers(4));
        unacked.addAnswer(1, "t", 3, numbers(3));
        unacked.addAnswer(2, "u", 9, numbers(9));
        assertEquals(List.of("t 0 [0,1,2,3,4]", "u 9 [9]"), offers());
    }

    @Test
    void anAckTakesAPartOfAMessageOrSeveralOfThem() {
        unacked.addAnswer(1, "t", 0, numbers(0, 1, 2, 3));
        unacked.addAnswer(1, "t", 4, numbers(4, 5));
        unacked.addAnswer(1, "t", 8, numbers(8));
        unacked.acked(1L, null, 0, 1);
        unacked.acked(1L, null, 3, 5);
        unacked.acked(1L, null, 6, 9);
        unacked.acked(2L, null, 0, 9);
        assertEquals(List.of("t 1 [1,2]", "t 5 [5]"), offers());
    }

    @Test
    void resultsOfAnyKindAreCutAndJoined() {
        unacked.addAnswer(1, "t", 0, texts("a", "b", "c"));
        unacked.addAnswer(1, "t", 3, texts("d"));
        unacked.addAnswer(1, "t", 4, numbers(4));
        unacked.acked(1L, null, 1, 2);
        unacked.acked(1L, null, 0, 1);
        assertEquals(List.of("t 2 [\"c\",\"d\"]", "t 4 [4]"), offers());
    }

    @Test
    void offersAreAckedByTaskAndOfferedAgainIfTheyAreNot() {
        unacked.addAnswer(1, "t", 0, numbers(0, 1, 2));
        assertEquals(List.of("t 0 [0,1,2]"), offers());
        // Another lease of this connection has that number.
        unacked.addAnswer(1, "t", 5, numbers(5));
        unacked.acked(null, "t", 1, 3);
        assertEquals(List.of(new IndexRange(0, 1)), unacked.offered("t", 0, 100));
        assertEquals(List.of("t 0 [0]", "t 5 [5]"), offers());
    }

    @Test
    void forgottenTasksAreNotOffered() {
        unacked.addAnswer(1, "t", 0, numbers(0));
        offers();
        unacked.addAnswer(1, "t", 1, numbers(1));
        unacked.addAnswer(2, "u", 2, numbers(2));
        unacked.forget("t");
        assertEquals(List.of("u 2 [2]"), offers());
        unacked.forget("u");
        assertEquals(0, unacked.bytes());
    }

    @Test
    void anIndexThatWasAnsweredTwiceIsOfferedOnce() {
        unacked.addAnswer(1, "t", 0, numbers(0, 1, 2, 3));
        unacked.addAnswer(2, "t", 1, numbers(1, 2));
        unacked.addAnswer(3, "t", 3, numbers(3, 4));
        assertEquals(List.of("t 0 [0,1,2,3,4]"), offers());
    }

    @Test
    void theOldestResultsAreDroppedBeyondTheBound() {
        UnackedResults small = new UnackedResults(20_000);
        for (int lease = 0; lease < 10; lease++) {
            small.addAnswer(lease, "t", lease * 10_000L, new ResultValues.Longs(new long[500]));
        }
        assertTrue(small.bytes() <= 20_000);
        List<Offer> kept = small.offers();
        assertEquals(90_000, kept.get(kept.size() - 1).from(), "the newest is kept");
        assertTrue(kept.get(0).from() > 0, "the oldest is not");
        assertTrue(kept.size() >= 3, "and no more than must be is let go: " + kept.size());
    }

    @Test
    void ofALongRunLittleMoreIsDroppedThanTheBoundAsksFor() {
        UnackedResults small = new UnackedResults(4 << 20);
        for (int i = 0; i < 1_000_000; i++) {
            small.addAnswer(1, "t", i, numbers(i));
        }
        assertTrue(small.bytes() <= 4 << 20, "of 8 bytes each: " + small.bytes());
        long kept = small.offers().stream()
                .mapToLong(offer -> offer.results().size())
                .sum();
        assertTrue(kept > 400_000, "about half a million fit: " + kept);
    }

    @Test
    void anOfferFitsIntoAMessage() {
        for (int i = 0; i < 100_000; i++) {
            unacked.addAnswer(1, "t", i, numbers(i));
        }
        String large = "x".repeat(100_000);
        for (int i = 0; i < 10; i++) {
            unacked.addAnswer(2, "u", i, texts(large));
        }
        List<Offer> offers = unacked.offers();
        int values = 0;
        for (Offer offer : offers) {
            values += offer.results().size();
            assertTrue(offer.results().size() * 21L <= 1 << 20);
            assertTrue(!offer.taskId().equals("u") || offer.results().size() * 100_000 <= 1 << 19);
        }
        assertEquals(100_010, values);
        assertTrue(offers.size() < 30, "many in each: " + offers.size());
    }

    @Test
    void randomOperationsKeepWhatAMapWould() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            UnackedResults tested = new UnackedResults();
            TreeMap<Long, String> expected = new TreeMap<>();
            for (int step = 0; step < 200; step++) {
                long from = random.nextInt(60);
                int size = 1 + random.nextInt(8);
                if (random.nextInt(3) == 0) {
                    tested.acked(null, "t", from, from + size);
                    expected.subMap(from, from + size).clear();
                } else {
                    boolean isText = random.nextInt(4) == 0;
                    List<JsonNode> values = new ArrayList<>();
                    long[] numbers = new long[size];
                    for (int i = 0; i < size; i++) {
                        numbers[i] = step;
                        values.add(TextNode.valueOf("s" + step));
                        expected.put(from + i, isText ? "\"s" + step + "\"" : "" + step);
                    }
                    tested.addOffer("t", from, isText ? ResultValues.of(values) : new ResultValues.Longs(numbers));
                }
                if (random.nextInt(40) == 0) {
                    tested.offers();
                }
            }
            TreeMap<Long, String> held = new TreeMap<>();
            for (Offer offer : tested.offers()) {
                for (int i = 0; i < offer.results().size(); i++) {
                    held.put(offer.from() + i, offer.results().get(i).toString());
                }
            }
            assertEquals(expected, held, "seed " + seed);
            tested.acked(null, "t", 0, 100);
            assertEquals(0, tested.bytes(), "seed " + seed);
        }
    }

    private List<String> offers() {
        return unacked.offers().stream()
                .map(offer -> offer.taskId() + " " + offer.from() + " " + array(offer.results()))
                .toList();
    }

    private static JsonNode array(ResultValues values) {
        var array = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < values.size(); i++) {
            array.add(values.get(i));
        }
        return array;
    }

    private static ResultValues numbers(long... values) {
        return new ResultValues.Longs(values);
    }

    private static ResultValues texts(String... values) {
        List<JsonNode> nodes = new ArrayList<>();
        for (String value : values) {
            nodes.add(TextNode.valueOf(value));
        }
        return ResultValues.of(nodes);
    }
}
