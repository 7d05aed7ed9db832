package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
    @Test
    void theCodesThatEndAConnectionAreThoseOfTheProtocol() {
        assertEquals(
                Set.of(
                        "bad_frame",
                        "frame_too_large",
                        "bad_json",
                        "unsupported_protocol",
                        "unauthorized",
                        "handshake_timeout"),
                Arrays.stream(ErrorCode.values())
                        .filter(ErrorCode::endsConnection)
                        .map(ErrorCode::wireName)
                        .collect(Collectors.toSet()));
    }

    @Test
    void eachCodeHasTheHttpStatusOfTheProtocol() {
        assertEquals(400, ErrorCode.BAD_JSON.httpStatus());
        assertEquals(404, ErrorCode.NOT_FOUND.httpStatus());
        assertEquals(409, ErrorCode.CONFLICT.httpStatus());
        assertEquals(413, ErrorCode.LIMIT_EXCEEDED.httpStatus());
        assertEquals(422, ErrorCode.INVALID_TASK.httpStatus());
        assertEquals(422, ErrorCode.UNKNOWN_TASK_TYPE.httpStatus());
        assertEquals(401, ErrorCode.UNAUTHORIZED.httpStatus());
        assertEquals(503, ErrorCode.BUSY.httpStatus());
    }
}
