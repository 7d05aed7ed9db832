package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.TaskObject;
import io.divvy.scheduler.Refusal;
import io.divvy.state.TaskSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The core has words of its own for what the protocol calls by the same names. */
class ProblemKindsTest {
    @ParameterizedTest
    @EnumSource(Refusal.Kind.class)
    void everyRefusalOfTheCoreHasACodeOfTheProtocol(Refusal.Kind kind) {
        assertEquals(kind.name(), ErrorCode.valueOf(kind.name()).name());
    }

    @ParameterizedTest
    @EnumSource(TaskObject.OnFailure.class)
    void everyOnFailureOfTheProtocolIsKnownToTheCore(TaskObject.OnFailure way) {
        assertEquals(way.name(), TaskSpec.OnFailure.valueOf(way.name()).name());
    }
}
