package io.divvy.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.net.Peer;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What waits behind a look: in which order it is done, and how much of it there may be. */
class WaitingMessagesTest {
    private final List<String> calls = new ArrayList<>();
    private final Peer peer = (Peer)
            Proxy.newProxyInstance(Peer.class.getClassLoader(), new Class<?>[] {Peer.class}, (proxy, method, args) -> {
                calls.add(method.getName());
                return null;
            });
    private final SaidInOrder said = new SaidInOrder(peer, failure -> calls.add("failed"));

    @Test
    void messagesThatWaitAreActedOnInOrderUntilTheNextLook() {
        said.beginLook();
        said.act(10, () -> calls.add("first"));
        said.act(10, said::beginLook);
        said.act(10, () -> calls.add("behind the second look"));
        assertEquals(List.of(), calls);
        said.endLook();
        assertEquals(List.of("first"), calls);
        said.endLook();
        assertEquals(List.of("first", "behind the second look"), calls);
        assertTrue(said.isUpToDate());
    }

    @Test
    void aWorkerWithManyWaitingMessagesIsNotReadFrom() {
        said.beginLook();
        said.act(SaidInOrder.MOST_WAITING_BYTES / 2, () -> {});
        assertEquals(List.of(), calls);
        said.act(SaidInOrder.MOST_WAITING_BYTES / 2, () -> {});
        said.act(SaidInOrder.MOST_WAITING_BYTES, () -> {});
        assertEquals(List.of("pause"), calls);
        said.endLook();
        assertEquals(List.of("pause", "resume"), calls);
    }

    @Test
    void anActThatThrowsDoesNotKeepBackTheNext() {
        said.beginLook();
        said.act(10, () -> {
            throw new IllegalStateException("as it was asked to");
        });
        said.act(10, () -> calls.add("next"));
        said.endLook();
        assertEquals(List.of("failed", "next"), calls);
    }

    @Test
    void messagesThatWaitAreDroppedWhenTheirWorkerIsGone() {
        said.beginLook();
        said.act(SaidInOrder.MOST_WAITING_BYTES, () -> calls.add("late"));
        assertFalse(said.isUpToDate());
        said.forget();
        said.endLook();
        assertEquals(List.of("pause", "resume"), calls);
    }
}
