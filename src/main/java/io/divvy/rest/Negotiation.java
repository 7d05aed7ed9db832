package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client has of an answer already, which part it wants, and whether it takes the answer compressed (RFC 9110, 8.4, 13
 * and 14). Read from the headers at once: when an answer is there, its request may be gone.
 *
 * <p>Answers with an entity tag are compared and cut; all that are in memory are compressed if they are worth it. What is
 * made while it is sent never is: nobody would know its length.
 */
record Negotiation(
        HandlerType method,
        boolean takesGzip,
        List<String> ifNoneMatch,
        @Nullable String range,
        @Nullable String ifRange) {
    static final String VARY = "Vary";
    static final String ACCEPT_RANGES = "Accept-Ranges";

    /** Below that, compressing saves less than it costs: all fits into one packet. */
    private static final int SMALL_BYTES = 1 << 10;

    private static final String GZIP = "gzip";
    private static final String ACCEPT_ENCODING = "Accept-Encoding";
    private static final Set<String> COMPRESSIBLE = Set.of(Reply.JSON, Reply.YAML, Problem.CONTENT_TYPE);

    static Negotiation of(Context request) {
        return new Negotiation(
                request.method(),
                takesGzip(QualityValues.of(lines(request, ACCEPT_ENCODING))),
                lines(request, "If-None-Match"),
                request.method().equals(HandlerType.GET) ? request.header("Range") : null,
                request.header("If-Range"));
    }

    private static List<String> lines(Context request, String header) {
        return List.copyOf(Collections.list(request.req().getHeaders(header)));
    }

    private static boolean takesGzip(QualityValues encodings) {
        Double identity = encodings.of("identity");
        double gzip = encodings.ofFirst(GZIP, "x-gzip", "*");
        return gzip > 0 && (identity == null || gzip >= identity);
    }

    /** Answered instead of the body if the client has it already; null if it has not. */
    @Nullable
    Reply notModified(String tag, Map<String, String> headers) {
        boolean looks = method.equals(HandlerType.GET) || method.equals(HandlerType.HEAD);
        if (looks && takesGzip && EntityTag.isListed(EntityTag.gzip(tag), ifNoneMatch)) {
            return Reply.notModified(EntityTag.gzip(tag), headers);
        }
        return looks && EntityTag.isListed(tag, ifNoneMatch) ? Reply.notModified(tag, headers) : null;
    }

    /** The answer as this client gets it. It is written, and this takes work: not for Jetty's threads. */
    Reply settle(Reply written) {
        Reply reply = isCompressible(written) ? written.varyingBy(ACCEPT_ENCODING) : written;
        String tag = reply.headers().get(EntityTag.HEADER);
        if (tag == null) {
            return compressed(reply);
        }
        Reply notModified = notModified(tag, reply.headers());
        if (notModified != null) {
            return notModified;
        }
        return range != null
                        && reply.headers().containsKey(ACCEPT_RANGES)
                        && (ifRange == null || ifRange.strip().equals(tag))
                ? part(reply, range)
                : compressed(reply);
    }

    private static Reply part(Reply reply, String range) {
        long length = reply.length();
        ByteRange part = ByteRange.asked(range, length);
        if (part == null) {
            return reply;
        }
        if (part.isEmpty()) {
            return new Problem(
                            416,
                            ErrorCode.BAD_MESSAGE,
                            "header Range: there are " + length + " bytes, the first of them is 0; got "
                                    + Parameters.quoted(range),
                            Map.of("Content-Range", "bytes */" + length))
                    .toReply();
        }
        return reply.part(part).withHeader("Content-Range", part.of(length));
    }

    private Reply compressed(Reply reply) {
        if (!takesGzip || !isCompressible(reply) || reply.length() <= SMALL_BYTES) {
            return reply;
        }
        Reply compressed = reply.withBody(reply.body().gzip()).withHeader("Content-Encoding", GZIP);
        String tag = reply.headers().get(EntityTag.HEADER);
        return tag == null ? compressed : compressed.withHeader(EntityTag.HEADER, EntityTag.gzip(tag));
    }

    private static boolean isCompressible(Reply reply) {
        String type = reply.contentType();
        return type != null && reply.stream() == null && COMPRESSIBLE.contains(type);
    }
}
