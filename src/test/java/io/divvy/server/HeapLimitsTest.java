package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.heap.HeapShare;
import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.store.Retention;
import java.util.Arrays;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the limits allow has to fit into the memory of the process together. */
class HeapLimitsTest {
    private static double part(long heapBytes, HeapShare... without) {
        EnumSet<HeapShare> shares = EnumSet.allOf(HeapShare.class);
        shares.remove(HeapShare.PAYLOADS_AHEAD); // There is one of each for every type that does not ship.
        shares.remove(HeapShare.UNSAVED_RESULTS); // They are early, or in an answer, as well.
        shares.remove(HeapShare.MESSAGE); // For a moment.
        shares.removeAll(Arrays.asList(without));
        return (double) shares.stream().mapToLong(share -> share.of(heapBytes)).sum() / heapBytes;
    }

    @ParameterizedTest
    @ValueSource(longs = {128, 256, 1_024, 16_384})
    void allThatClientsCanMakeGrowLeavesRoomForWhatIsThereForAMoment(long heapMebibytes) {
        long heapBytes = heapMebibytes << 20;
        double onDisk = part(heapBytes, HeapShare.FINISHED_TASKS);
        double inMemory = part(heapBytes, HeapShare.RESULT_READS, HeapShare.ID_ENDS);
        assertTrue(onDisk <= 0.74, onDisk + " of the heap with --store sqlite");
        assertTrue(inMemory <= 0.76, inMemory + " of the heap with --store memory");
    }

    @Test
    void inALargeHeapTheSharesAreThoseThatTheDocumentsSay() {
        assertEquals(0.66, part(1L << 30, HeapShare.FINISHED_TASKS), 0.03);
        assertEquals(0.70, part(1L << 30, HeapShare.RESULT_READS, HeapShare.ID_ENDS), 0.03);
    }

    @Test
    void theSmallestHeapHasRoomForTheLeastOfEach() {
        assertTrue(part(64L << 20, HeapShare.RESULT_READS, HeapShare.ID_ENDS) <= 0.95);
    }

    @Test
    void everyPartTakesItsLimitsFromTheShares() {
        long heapBytes = 256L << 20;
        assertEquals(
                HeapShare.OPEN_TASKS.of(heapBytes), Limits.forHeap(heapBytes).openTaskBytes());
        assertEquals(
                HeapShare.SUBMISSIONS.of(heapBytes),
                ServerLimits.forHeap(heapBytes).submissionBytes());
        assertEquals(
                HeapShare.DECLARED_TYPES.of(heapBytes),
                ServerLimits.forHeap(heapBytes).declaredTypeBytes());
        assertEquals(
                HeapShare.PARTIAL_FRAMES.of(heapBytes),
                NetLimits.forHeap(heapBytes).partialFrameBytes());
        assertEquals(
                HeapShare.CONNECTIONS.of(heapBytes) / 3_072,
                NetLimits.forHeap(heapBytes).connections());
        assertEquals(
                HeapShare.OUTBOUND_FRAMES.of(heapBytes),
                NetLimits.forHeap(heapBytes).allOutboundBytes());
        assertEquals(
                HeapShare.FINISHED_TASKS.of(heapBytes),
                Retention.forHeap(heapBytes).bytes());
    }

    @Test
    void aLargeHeapDoesNotMakeTheBoundsOfTasksLarger() {
        assertEquals(256L << 20, Retention.forHeap(1L << 40).bytes());
        assertEquals(256L << 20, ServerLimits.forHeap(1L << 40).answerBytes());
        assertEquals(64L << 20, Limits.forHeap(1L << 40).bufferedResultBytes());
    }
}
