package io.divvy.server.session;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The names of the connected workers, no two the same. The first of a name has it as it is, further ones get {@code -2},
 * {@code -3}; the lowest that is free, so that one that connects again has the name that it had.
 */
final class WorkerNames {
    private final Set<String> taken = new HashSet<>();
    /** For each name that was asked for, which of its numbers are taken. */
    private final Map<String, BitSet> numbers = new HashMap<>();

    /** A name that is taken, to be given back. */
    record Claim(String wanted, int number) {
        String name() {
            return number == 1 ? wanted : wanted + "-" + number;
        }
    }

    Claim claim(String wanted) {
        BitSet numbersOfName = numbers.computeIfAbsent(wanted, name -> new BitSet());
        Claim claim = new Claim(wanted, numbersOfName.nextClearBit(1));
        while (!taken.add(claim.name())) {
            // Somebody else was given this name as it is.
            claim = new Claim(wanted, numbersOfName.nextClearBit(claim.number() + 1));
        }
        numbersOfName.set(claim.number());
        return claim;
    }

    void release(Claim claim) {
        taken.remove(claim.name());
        BitSet numbersOfName = numbers.get(claim.wanted());
        if (numbersOfName != null) {
            numbersOfName.clear(claim.number());
            if (numbersOfName.isEmpty()) {
                numbers.remove(claim.wanted());
            }
        }
    }
}
