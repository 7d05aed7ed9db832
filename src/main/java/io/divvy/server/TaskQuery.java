package io.divvy.server;

import io.divvy.protocol.TaskView;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks are to be listed. What is null or empty does not filter.
 *
 * @param state one of {@link TaskView#STATES}
 * @param labels a task must have all of them, with these values
 * @param cursor of the page before this one, or null for the first
 * @param atMost tasks of the page; it may have fewer though there are more
 */
public record TaskQuery(
        @Nullable String state,
        @Nullable String type,
        Map<String, String> labels,
        @Nullable String cursor,
        int atMost) {}
