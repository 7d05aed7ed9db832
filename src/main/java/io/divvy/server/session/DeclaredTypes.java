package io.divvy.server.session;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The task types that connected workers named in their hellos. Each name is kept once, and all that workers declare has a
 * budget in bytes. For each name it is known how many workers take it, so that to ask for that costs nothing on the loop.
 *
 * <p>Changes come from the loop's thread; {@link #namesTaken} and {@link #takers} may be asked from any.
 */
public final class DeclaredTypes {
    /** What a name costs in one declaration: its place in the set, and the worker's place among those idle for the type. */
    static final int BYTES_PER_ENTRY = 64;

    /** What a name costs once, with what is counted for it here and in the core. */
    static final int BYTES_PER_NAME = 640;

    private final long atMostBytes;
    private final Map<String, Name> names = new ConcurrentHashMap<>();
    private volatile int takersOfAnyType;
    private long bytes;

    private static final class Name {
        final String text;
        /** Declarations that have it, counted twice if both as taken and as derived. */
        int uses;
        /** Workers that take it and do not drain. */
        volatile int takers;

        Name(String text) {
            this.text = text;
        }
    }

    /** What one worker declared, until it is {@link #withdraw withdrawn}. */
    static final class Declaration {
        private final @Nullable Set<String> taskTypes;
        private final Set<String> derives;
        private final long bytes;
        private boolean isCounted = true;

        private Declaration(@Nullable Set<String> taskTypes, Set<String> derives, long bytes) {
            this.taskTypes = taskTypes;
            this.derives = derives;
            this.bytes = bytes;
        }

        /** What it takes; null for any type. */
        @Nullable
        Set<String> taskTypes() {
            return taskTypes;
        }

        /** The types whose payloads it makes itself. */
        Set<String> derives() {
            return derives;
        }
    }

    DeclaredTypes(long atMostBytes) {
        this.atMostBytes = atMostBytes;
    }

    /**
     * Takes in what a worker says of itself.
     *
     * @param taskTypes null for any type
     * @throws ProtocolException if that is more than there is room for; nothing has changed then
     */
    Declaration declare(@Nullable Set<String> taskTypes, Set<String> derives) throws ProtocolException {
        Set<String> taken = taskTypes == null ? Set.of() : taskTypes;
        long cost = cost(taken) + cost(derives);
        for (String name : taken) {
            cost += names.containsKey(name) ? 0 : BYTES_PER_NAME;
        }
        for (String name : derives) {
            cost += names.containsKey(name) || taken.contains(name) ? 0 : BYTES_PER_NAME;
        }
        if (bytes + cost > atMostBytes) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "task_types, derives: " + (taken.size() + derives.size())
                            + " names are too many beside those of the"
                            + " other workers: all together may take " + atMostBytes + " bytes, and this worker's would"
                            + " be " + cost + " of " + (bytes + cost)
                            + "; name fewer, or [\"*\"] for any type, or give the server more memory");
        }
        Declaration declaration =
                new Declaration(taskTypes == null ? null : use(taken), use(derives), cost(taken) + cost(derives));
        bytes += declaration.bytes;
        count(declaration, 1);
        return declaration;
    }

    private static long cost(Set<String> texts) {
        long cost = 0;
        for (String name : texts) {
            cost += BYTES_PER_ENTRY + name.length();
        }
        return cost;
    }

    private Set<String> use(Set<String> texts) {
        List<String> kept = new ArrayList<>(texts.size());
        for (String text : texts) {
            Name name = names.get(text);
            if (name == null) {
                name = new Name(text);
                names.put(text, name);
                bytes += BYTES_PER_NAME;
            }
            name.uses++;
            kept.add(name.text);
        }
        return Set.copyOf(kept);
    }

    /** The worker gets nothing new any more. It is not among the takers from now on. */
    void drain(Declaration declaration) {
        if (declaration.isCounted) {
            declaration.isCounted = false;
            count(declaration, -1);
        }
    }

    /** The worker is gone. */
    void withdraw(Declaration declaration) {
        drain(declaration);
        bytes -= declaration.bytes;
        if (declaration.taskTypes != null) {
            declaration.taskTypes.forEach(this::release);
        }
        declaration.derives.forEach(this::release);
    }

    private void release(String text) {
        Name name = names.get(text);
        if (name != null && --name.uses == 0) {
            names.remove(text);
            bytes -= BYTES_PER_NAME;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // Only the loop's thread writes.
    private void count(Declaration declaration, int change) {
        if (declaration.taskTypes == null) {
            takersOfAnyType += change;
        } else {
            for (String text : declaration.taskTypes) {
                Name name = names.get(text);
                if (name != null) {
                    name.takers += change;
                }
            }
        }
    }

    /** The names that workers take which do not drain, in no order. From any thread. */
    public List<String> namesTaken() {
        List<String> taken = new ArrayList<>();
        for (Name name : names.values()) {
            if (name.takers > 0) {
                taken.add(name.text);
            }
        }
        return taken;
    }

    /** How many workers take the type and do not drain. From any thread. */
    public int takers(String type) {
        Name name = names.get(type);
        return takersOfAnyType + (name == null ? 0 : name.takers);
    }

    /** What all that is declared now takes of the budget. */
    public long bytes() {
        return bytes;
    }
}
