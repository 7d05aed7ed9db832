package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import io.javalin.http.Context;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The media types that a client takes, by its {@code Accept}. Without one it takes all.
 *
 * <p>Problems are sent to everybody. So {@code application/problem+json} asks for nothing else than what there is, and a header
 * of it alone takes all: clients that openapi-generator makes for Python send that where the answer itself is not JSON.
 */
record AcceptedTypes(QualityValues types) {
    private static final String HEADER = "Accept";

    static AcceptedTypes of(Context request) {
        return of(Collections.list(request.req().getHeaders(HEADER)));
    }

    static AcceptedTypes of(List<String> lines) {
        return new AcceptedTypes(QualityValues.of(lines).without(Problem.CONTENT_TYPE));
    }

    /** From 0, which is not at all, to 1. What names the type more exactly counts. */
    double quality(String type) {
        return types.isEmpty() ? 1 : types.ofFirst(type, type.substring(0, type.indexOf('/')) + "/*", "*/*");
    }

    /** Fails if the client takes none of these; where there are none, an answer has no body. */
    void requireOneOf(List<String> offered) throws ProblemException {
        if (!offered.isEmpty() && offered.stream().allMatch(type -> quality(type) == 0)) {
            throw notAcceptable(offered);
        }
    }

    /** @param offered all that there is */
    ProblemException notAcceptable(List<String> offered) {
        String asked =
                String.join(", ", types.qualities().keySet().stream().sorted().toList());
        return new ProblemException(new Problem(
                406,
                ErrorCode.BAD_MESSAGE,
                "header Accept: expected " + String.join(" or ", offered) + ", */* or no such header, got "
                        + Parameters.quoted(asked),
                Map.of()));
    }
}
