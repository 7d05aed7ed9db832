package io.divvy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT1M59S, 119s",
        "PT2M, 2m",
        "PT1H59M59S, 119m",
        "PT2H, 2h",
        "PT47H59M, 47h",
        "P2D, 2d",
        "P400D, 400d",
        "PT-3S, 0s",
    })
    void anAgeIsToldInTheLargestUnitThatSaysEnough(Duration age, String told) {
        assertEquals(told, ListOptions.age(age));
    }
}
