package io.divvy.attack;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What an attack sent and what it got, by kind: {@code sent}, {@code cut}, an HTTP status, an error code. */
final class Tally {
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    void add(String kind, long count) {
        counts.computeIfAbsent(kind, any -> new LongAdder()).add(count);
    }

    /** In the order of the kinds, such as {@code 503=12 cut=3 sent=1000}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        Map<String, LongAdder> sorted = new TreeMap<>(counts);
        sorted.forEach((kind, count) -> text.append(text.length() == 0 ? "" : " ")
                .append(kind)
                .append('=')
                .append(count.sum()));
        return text.toString();
    }
}
