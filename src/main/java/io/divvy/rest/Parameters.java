package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ProtocolLimits;
import io.javalin.http.Context;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a request says outside of its body. What is wrong is a problem that names the parameter. */
final class Parameters {
    static final String WAIT = "wait";
    static final String NUMBERS = "numbers";
    /** The one query parameter that may come more than once. */
    static final String LABEL = "label";

    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private static final Pattern TASK_ID = Pattern.compile(ProtocolLimits.TASK_ID_PATTERN);
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
    private static final int QUOTED_CHARS = 100;

    private Parameters() {}

    /** Fails if there is a query parameter of another name, or one that is given twice. */
    static void requireOnly(List<String> known, Context request) throws ProblemException {
        for (Map.Entry<String, List<String>> parameter : query(request).entrySet()) {
            String name = parameter.getKey();
            if (!known.contains(name)) {
                throw bad("query parameter " + quoted(name) + ": unknown; expected "
                        + (known.isEmpty() ? "none" : "only " + String.join(", ", known)));
            }
            if (parameter.getValue().size() > 1 && !name.equals(LABEL)) {
                throw bad("query parameter " + name + ": expected once, got it "
                        + parameter.getValue().size() + " times");
            }
        }
    }

    /** How long the answer is to be held at most, or null to answer at once. */
    static @Nullable Duration wait(Context request, int mostSeconds) throws ProblemException {
        List<String> values = query(request).get(WAIT);
        if (values == null) {
            return null;
        }
        String value = values.get(0);
        if (!SECONDS.matcher(value).matches() || Integer.parseInt(value) > mostSeconds) {
            throw bad(
                    "query parameter wait: expected whole seconds from 0 to " + mostSeconds + ", got " + quoted(value));
        }
        return Duration.ofSeconds(Integer.parseInt(value));
    }

    /** How the numbers in a result are to be written. */
    static ResultNumbers resultNumbers(Context request) throws ProblemException {
        String value = query(request).getOrDefault(NUMBERS, List.of("number")).get(0);
        return switch (value) {
            case "number" -> ResultNumbers.NUMBER;
            case "string" -> ResultNumbers.STRING;
            default -> throw bad("query parameter numbers: expected number or string, got " + quoted(value));
        };
    }

    /** The id in the path. What cannot be an id names no task. */
    static String taskId(Context request) throws ProblemException {
        String id = request.pathParam("id");
        if (!TASK_ID.matcher(id).matches()) {
            throw noSuchTask(id);
        }
        return id;
    }

    static ProblemException noSuchTask(String id) {
        return new ProblemException(
                ErrorCode.NOT_FOUND, "there is no task " + quoted(id) + ", or it ended and is not kept any more");
    }

    /** The key in the header, or null. */
    static @Nullable String idempotencyKey(Context request) throws ProblemException {
        List<String> values = Collections.list(request.req().getHeaders(IDEMPOTENCY_KEY));
        if (values.isEmpty()) {
            return null;
        }
        String key = values.get(0);
        if (values.size() > 1 || key.isEmpty() || key.length() > ProtocolLimits.MAX_NAME_CHARS) {
            throw bad("header " + IDEMPOTENCY_KEY + ": expected once, 1 to " + ProtocolLimits.MAX_NAME_CHARS
                    + " characters, got "
                    + (values.size() > 1 ? "it " + values.size() + " times" : key.length() + " characters"));
        }
        return key;
    }

    /** By hand, because what the libraries cannot decode they leave out without a word. */
    static Map<String, List<String>> query(Context request) throws ProblemException {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        String query = request.queryString();
        for (String part : query == null ? new String[0] : query.split("&")) {
            int equals = part.indexOf('=');
            String name = decoded(equals < 0 ? part : part.substring(0, equals));
            String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
            if (!part.isEmpty()) {
                parameters.computeIfAbsent(name, first -> new ArrayList<>(1)).add(value);
            }
        }
        return parameters;
    }

    private static String decoded(String text) throws ProblemException {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw bad(
                    "the query is not well encoded: expected two hexadecimal digits after each %, got " + quoted(text));
        }
    }

    static ProblemException bad(String detail) {
        return new ProblemException(ErrorCode.BAD_MESSAGE, detail);
    }

    static String quoted(String value) {
        return '"' + (value.length() <= QUOTED_CHARS ? value : value.substring(0, QUOTED_CHARS) + "…") + '"';
    }
}
