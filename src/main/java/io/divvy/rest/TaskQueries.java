package io.divvy.rest;

import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.TaskView;
import io.divvy.server.TaskQuery;
import io.javalin.http.Context;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads which tasks are to be listed. */
final class TaskQueries {
    private static final String CURSOR = "cursor";
    static final String[] PARAMETERS = {"state", "type", Parameters.LABEL, "limit", CURSOR, Parameters.NUMBERS};

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final int MAX_CURSOR_CHARS = 200;
    /** All headers of an answer together have 8 KiB. */
    private static final int MAX_LINK_CHARS = 4_096;

    static final String[] FAILURE_PARAMETERS = {"limit", CURSOR};

    private static final Pattern INDEX = Pattern.compile("[0-9]{1,16}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern TYPE = Pattern.compile(ProtocolLimits.TASK_TYPE_PATTERN);

    private TaskQueries() {}

    static TaskQuery read(Context request) throws ProblemException {
        Map<String, List<String>> query = Parameters.query(request);
        String state = one(query, "state");
        if (state != null && !TaskView.STATES.contains(state)) {
            throw Parameters.bad("query parameter state: expected one of " + String.join(", ", TaskView.STATES)
                    + ", got " + Parameters.quoted(state));
        }
        String type = one(query, "type");
        if (type != null && !TYPE.matcher(type).matches()) {
            throw Parameters.bad(
                    "query parameter type: expected 1 to 100 of A-Z a-z 0-9 . _ -, got " + Parameters.quoted(type));
        }
        String cursor = one(query, CURSOR);
        if (cursor != null && cursor.length() > MAX_CURSOR_CHARS) {
            throw Parameters.bad("query parameter cursor: expected the next_cursor of another page, as it was");
        }
        return new TaskQuery(state, type, labels(query), cursor, limit(one(query, "limit")));
    }

    /**
     * The header {@code Link} (RFC 8288) that leads to the next page of the list with these parameters. Null if it would be too
     * long for a header: a query may have more, and the page itself says where to go on.
     */
    static @Nullable String linkToNext(Map<String, List<String>> parameters, String nextCursor) {
        return linkToNext("/tasks", parameters, nextCursor);
    }

    /** The same of a list at another path. */
    static @Nullable String linkToNext(String path, Map<String, List<String>> parameters, String nextCursor) {
        StringBuilder link = new StringBuilder("<").append(path).append('?');
        parameters.forEach((name, values) -> {
            if (!name.equals(CURSOR)) {
                values.forEach(value -> link.append(encoded(name))
                        .append('=')
                        .append(encoded(value))
                        .append('&'));
            }
        });
        link.append(CURSOR).append('=').append(encoded(nextCursor)).append(">; rel=\"next\"");
        return link.length() > MAX_LINK_CHARS ? null : link.toString();
    }

    /** Which failures are to be listed: those of subtasks from an index on. */
    record FailureQuery(long fromIndex, int atMost) {}

    static FailureQuery readFailures(Context request) throws ProblemException {
        Map<String, List<String>> query = Parameters.query(request);
        String cursor = one(query, CURSOR);
        if (cursor != null && !INDEX.matcher(cursor).matches()) {
            throw Parameters.bad("query parameter cursor: expected the next_cursor of another page, as it was");
        }
        return new FailureQuery(cursor == null ? 0 : Long.parseLong(cursor), limit(one(query, "limit")));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static @Nullable String one(Map<String, List<String>> query, String name) {
        List<String> values = query.get(name);
        return values == null ? null : values.get(0);
    }

    private static Map<String, String> labels(Map<String, List<String>> query) throws ProblemException {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : query.getOrDefault(Parameters.LABEL, List.of())) {
            int equals = label.indexOf('=');
            if (equals < 1) {
                throw Parameters.bad("query parameter label: expected name=value, got " + Parameters.quoted(label));
            }
            String name = label.substring(0, equals);
            String value = label.substring(equals + 1);
            String other = labels.putIfAbsent(name, value);
            if (other != null && !other.equals(value)) {
                throw Parameters.bad("query parameter label: no task has two values of " + Parameters.quoted(name)
                        + "; expected each name once");
            }
        }
        return labels;
    }

    private static int limit(@Nullable String text) throws ProblemException {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        int limit = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Parameters.bad("query parameter limit: expected a whole number from 1 to " + MAX_LIMIT + ", got "
                    + Parameters.quoted(text));
        }
        return limit;
    }
}
