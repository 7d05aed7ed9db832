package io.divvy.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.divvy.task.builtin.SumOfSquares;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskTypesTest {
    @Test
    void shippedTypesAreFoundByTheirNames() {
        TaskTypes types = TaskTypes.builtin();
        assertInstanceOf(SumOfSquares.class, types.find("sum_of_squares"));
        assertEquals(null, types.find("sum_of_cubes"));
    }

    @Test
    void twoTypesOfOneNameAreRefused() {
        IllegalArgumentException mistake = assertThrows(
                IllegalArgumentException.class, () -> new TaskTypes(List.of(new SumOfSquares(), new SumOfSquares())));
        assertEquals(
                "two task types are named sum_of_squares: io.divvy.task.builtin.SumOfSquares and io.divvy.task.builtin.SumOfSquares",
                mistake.getMessage());
    }
}
