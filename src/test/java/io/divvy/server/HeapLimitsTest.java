package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.NetLimits;
import io.divvy.scheduler.Limits;
import io.divvy.store.Retention;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the limits allow has to fit into the memory of the process together. */
class HeapLimitsTest {
    @ParameterizedTest
    @ValueSource(longs = {64, 128, 256, 1_024, 16_384})
    void whatMayBeHeldFitsIntoTheHeap(long heapMebibytes) {
        long heapBytes = heapMebibytes << 20;
        NetLimits net = NetLimits.forHeap(heapBytes);
        ServerLimits server = ServerLimits.forHeap(heapBytes);
        Limits core = Limits.forHeap(heapBytes);
        long together = net.partialFrameBytes()
                + net.maxFrameBytes() // of the connection that goes on all the same
                + net.allOutboundBytes()
                + Retention.forHeap(heapBytes).bytes()
                + 2 * server.answerBytes()
                + core.bufferedResultBytes();
        assertTrue(together <= heapBytes, together + " bytes of " + heapBytes);
    }

    @Test
    void aLargeHeapDoesNotMakeTheBoundsOfTasksLarger() {
        assertEquals(256L << 20, Retention.forHeap(1L << 40).bytes());
        assertEquals(256L << 20, ServerLimits.forHeap(1L << 40).answerBytes());
        assertEquals(64L << 20, Limits.forHeap(1L << 40).bufferedResultBytes());
    }
}
