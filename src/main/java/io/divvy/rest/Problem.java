package io.divvy.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.RefusedException;
import io.javalin.http.HttpStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why a request was not answered as wished, as RFC 9457 has it. {@code type} is {@code about:blank}: what tells problems
 * apart is {@code code}, the same as in the TCP protocol.
 *
 * @param status mostly the code's own
 * @param detail for people: what was wrong, and what was expected
 */
record Problem(int status, ErrorCode code, String detail, Map<String, String> headers) {
    static final String CONTENT_TYPE = "application/problem+json";

    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
    private static final long BUSY_RETRY_MS = 1_000;
    private static final String RETRY_AFTER = "Retry-After";

    /** One that is over some time says when to come back. */
    Problem {
        if ((status == 503 || status == 429) && !headers.containsKey(RETRY_AFTER)) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(RETRY_AFTER, seconds(BUSY_RETRY_MS));
            headers = Map.copyOf(more);
        }
    }

    Problem(ErrorCode code, String detail) {
        this(code.httpStatus(), code, detail, Map.of());
    }

    Problem withDetail(String other) {
        return new Problem(status, code, other, headers);
    }

    /** The server cannot do it now; {@code Retry-After} says when to come back. */
    static Problem busy(String detail, long retryAfterMs) {
        return new Problem(
                ErrorCode.BUSY.httpStatus(), ErrorCode.BUSY, detail, Map.of(RETRY_AFTER, seconds(retryAfterMs)));
    }

    /** As the header has them: whole ones, at least one. */
    private static String seconds(long ms) {
        return Long.toString(Math.max(1, (ms + 999) / 1_000));
    }

    /** What to tell of a failure. One that nobody foresaw is logged, and told without what is inside of it. */
    static Problem of(Throwable failure) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return of(failure.getCause());
        }
        if (failure instanceof ProblemException e) {
            return e.problem();
        }
        if (failure instanceof ProtocolException e) {
            return new Problem(e.code(), String.valueOf(e.getMessage()));
        }
        if (failure instanceof RefusedException e) {
            Long retryAfterMs = e.retryAfterMs();
            return e.code() == ErrorCode.BUSY
                    ? busy(String.valueOf(e.getMessage()), retryAfterMs == null ? BUSY_RETRY_MS : retryAfterMs)
                    : new Problem(e.code(), String.valueOf(e.getMessage()));
        }
        if (failure instanceof TimeoutException) {
            LOG.warn("a request was not answered in time: the event loop is stuck, overloaded or has stopped");
            return busy("the server did not answer in time; whether it did what was asked is not known", BUSY_RETRY_MS);
        }
        LOG.error("answering a request failed", failure);
        return new Problem(ErrorCode.INTERNAL, "internal error of the server; its log says more");
    }

    Reply toReply() {
        return new Reply(status, CONTENT_TYPE, headers, Content.of(this::toJson));
    }

    byte[] toJson() {
        ObjectNode object = Json.MAPPER.createObjectNode();
        object.put("type", "about:blank");
        object.put("title", HttpStatus.forStatus(status).getMessage());
        object.put("status", status);
        object.put("code", code.wireName());
        object.put("detail", detail);
        return Json.write(object);
    }
}
