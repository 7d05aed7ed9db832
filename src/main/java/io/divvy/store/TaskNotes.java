package io.divvy.store;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What people gave a task, for themselves and for filters. */
public record TaskNotes(@Nullable String name, Map<String, String> labels) {
    long sizeBytes() {
        long chars = name == null ? 0 : name.length();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            chars += LABEL_BYTES + label.getKey().length() + label.getValue().length();
        }
        return chars;
    }

    /** About what a label takes beside its text. */
    private static final long LABEL_BYTES = 100;
}
