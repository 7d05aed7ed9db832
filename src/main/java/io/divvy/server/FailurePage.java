package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of what is remembered of the failed attempts of a task, in the order of their subtasks.
 *
 * @param items as clients get them
 * @param dropped failed attempts that no page has, for want of memory
 * @param nextIndex where the next page begins, or null at the end
 */
public record FailurePage(
        List<JsonNode> items, long dropped, @Nullable Long nextIndex) {
    static final String ITEMS = "items";
    static final String DROPPED = "dropped";
    static final String INDEX = "index";

    /**
     * @param all what {@link FailureText#all} wrote
     * @param fromIndex subtasks below it are left out
     */
    static FailurePage of(byte @Nullable [] all, long fromIndex, int atMost) {
        if (all == null) {
            return new FailurePage(List.of(), 0, null);
        }
        ObjectNode read;
        try {
            read = Json.readObject(all, 0, all.length);
        } catch (ProtocolException e) {
            throw new IllegalStateException("what is kept of failed attempts cannot be read: " + e.getMessage(), e);
        }
        List<JsonNode> items = new ArrayList<>();
        for (JsonNode item : read.path(ITEMS)) {
            long index = item.path(INDEX).longValue();
            if (index >= fromIndex && items.size() == atMost) {
                return new FailurePage(items, read.path(DROPPED).longValue(), index);
            }
            if (index >= fromIndex) {
                items.add(item);
            }
        }
        return new FailurePage(items, read.path(DROPPED).longValue(), null);
    }
}
