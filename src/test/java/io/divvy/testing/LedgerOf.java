package io.divvy.testing;

import io.divvy.state.Ledger;

/** A ledger as a test says it: {@code ledger("14 pending, 2 done")}. Its total is the sum. */
public final class LedgerOf {
    private LedgerOf() {}

    public static Ledger ledger(String text) {
        String[] parts = text.split(", ");
        long total = 0;
        for (String part : parts) {
            total += count(part);
        }
        Ledger.Draft ledger = new Ledger.Draft(total);
        for (String part : parts) {
            long count = count(part);
            String where = part.substring(part.indexOf(' ') + 1);
            switch (where) {
                case "pending" -> ledger.pending = count;
                case "leased" -> ledger.leased = count;
                case "done" -> ledger.done = count;
                case "failed" -> ledger.failed = count;
                case "cancelled" -> ledger.cancelled = count;
                default ->
                    throw new IllegalArgumentException(
                            "expected so many pending, leased, done, failed or cancelled, got \"" + part + "\"");
            }
        }
        return ledger.finish();
    }

    private static long count(String part) {
        return Long.parseLong(part.substring(0, part.indexOf(' ')));
    }
}
