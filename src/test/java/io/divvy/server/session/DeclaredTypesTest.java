package io.divvy.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ProtocolException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What connected workers declare: counted by type, and bounded in bytes. */
class DeclaredTypesTest {
    private static final int ENTRY = DeclaredTypes.BYTES_PER_ENTRY + 1;

    private final DeclaredTypes types = new DeclaredTypes(10_000);

    @Test
    void eachTypeHasItsTakers() throws ProtocolException {
        DeclaredTypes.Declaration one = types.declare(Set.of("a", "b"), Set.of("a"));
        DeclaredTypes.Declaration two = types.declare(Set.of("b"), Set.of());
        DeclaredTypes.Declaration any = types.declare(null, Set.of("c"));
        assertEquals(List.of("a", "b"), types.namesTaken().stream().sorted().toList(), "c is derived and not taken");
        assertEquals(2, types.takers("a"));
        assertEquals(3, types.takers("b"));
        assertEquals(1, types.takers("nobody named this"));

        types.drain(two);
        types.drain(two);
        assertEquals(2, types.takers("b"), "who drains takes nothing");
        types.withdraw(two);
        assertEquals(2, types.takers("b"));
        types.withdraw(one);
        assertEquals(List.of(), types.namesTaken());
        assertEquals(1, types.takers("b"));
        types.drain(any);
        assertEquals(0, types.takers("b"));
        types.withdraw(any);
        assertEquals(0, types.bytes());
    }

    @Test
    void aNameIsKeptOnce() throws ProtocolException {
        DeclaredTypes.Declaration one = types.declare(Set.of(new String("a")), Set.of());
        DeclaredTypes.Declaration two = types.declare(null, Set.of(new String("a")));
        assertNull(two.taskTypes());
        assertSame(one.taskTypes().iterator().next(), two.derives().iterator().next());
        assertEquals(DeclaredTypes.BYTES_PER_NAME + 2 * ENTRY, types.bytes());
        types.withdraw(one);
        assertEquals(DeclaredTypes.BYTES_PER_NAME + ENTRY, types.bytes(), "the other one still has it");
    }

    @Test
    void aWorkerThatWouldExceedTheBudgetIsRefusedAndChangesNothing() throws ProtocolException {
        DeclaredTypes tight = new DeclaredTypes(2L * (DeclaredTypes.BYTES_PER_NAME + ENTRY) + ENTRY);
        DeclaredTypes.Declaration first = tight.declare(Set.of("a", "b"), Set.of());
        long full = tight.bytes();
        ProtocolException refusal = assertThrows(ProtocolException.class, () -> tight.declare(Set.of("c"), Set.of()));
        assertEquals(ErrorCode.LIMIT_EXCEEDED, refusal.code());
        assertTrue(refusal.getMessage().startsWith("task_types, derives: 1 names are too many"), refusal.getMessage());
        assertEquals(full, tight.bytes());
        assertEquals(0, tight.takers("c"));

        DeclaredTypes.Declaration same = tight.declare(Set.of("a"), Set.of());
        assertEquals(full + ENTRY, tight.bytes(), "a name that is there costs less");
        tight.withdraw(first);
        tight.withdraw(same);
        assertEquals(0, tight.bytes());
        tight.declare(Set.of("c"), Set.of("c"));
    }
}
