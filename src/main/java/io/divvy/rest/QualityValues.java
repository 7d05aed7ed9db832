package io.divvy.rest;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client takes, by a header such as {@code Accept}: names in small letters, each with its quality from 0, which is not
 * at all, to 1 (RFC 9110, 12.4.2). Other parameters than {@code q} are passed over.
 */
record QualityValues(Map<String, Double> qualities) {
    private static final Pattern QUALITY = Pattern.compile(";\\s*q\\s*=\\s*([01](?:\\.[0-9]{0,3})?)\\s*(?:;|\\z)");

    /** @param lines of the header, which may come more than once */
    static QualityValues of(List<String> lines) {
        Map<String, Double> qualities = new HashMap<>();
        for (String line : lines) {
            for (String part : line.toLowerCase(Locale.ROOT).split(",", -1)) {
                int semicolon = part.indexOf(';');
                String name = (semicolon < 0 ? part : part.substring(0, semicolon)).strip();
                Matcher quality = QUALITY.matcher(part);
                if (!name.isEmpty()) {
                    qualities.merge(name, quality.find() ? Double.parseDouble(quality.group(1)) : 1, Math::max);
                }
            }
        }
        return new QualityValues(Map.copyOf(qualities));
    }

    /** Null if the header does not name it. */
    @Nullable
    Double of(String name) {
        return qualities.get(name);
    }

    /** Of the first of these names that the header has; 0 if it has none of them. */
    double ofFirst(String... names) {
        for (String name : names) {
            Double quality = of(name);
            if (quality != null) {
                return quality;
            }
        }
        return 0;
    }

    boolean isEmpty() {
        return qualities.isEmpty();
    }

    QualityValues without(String name) {
        Map<String, Double> others = new HashMap<>(qualities);
        others.remove(name);
        return new QualityValues(Map.copyOf(others));
    }
}
