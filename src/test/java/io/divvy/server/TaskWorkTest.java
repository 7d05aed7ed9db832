package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.TaskObject;
import io.divvy.task.JsonText;
import io.divvy.task.TaskTypes;
import org.junit.jupiter.api.Test;

class TaskWorkTest {
    @Test
    void aTypesOwnCombinerIsMadeForTheParams() throws Exception {
        TaskWork work = work("{\"type\":\"monte_carlo_pi\",\"params\":{\"samples\":10,\"seed\":1},\"subtasks\":2}");
        assertEquals(2, work.count());
        work.folding().fold(0, 0, 2, new ResultValues.Longs(new long[] {4, 3}), 0);
        work.folding().closeChunk(0);
        assertEquals(
                "{\"pi\":2.8,\"hits\":7,\"samples\":10}",
                work.folding().finish().toString());
    }

    @Test
    void aCombinerLearnsWhatWasLostWithAFailedSubtask() throws Exception {
        TaskWork work = work("{\"type\":\"monte_carlo_pi\",\"params\":{\"samples\":10,\"seed\":1},\"subtasks\":2}");
        work.folding().fold(0, 0, 1, new ResultValues.Longs(new long[] {4}), 0);
        work.foldFailed(0, 1, 2);
        work.folding().closeChunk(0);
        assertEquals(
                "{\"pi\":3.2,\"hits\":4,\"samples\":5}", work.folding().finish().toString());
    }

    @Test
    void paramsThatACombinerRefusesAreAnInvalidTask() {
        RefusedException refused = assertThrows(
                RefusedException.class,
                () -> work("{\"type\":\"monte_carlo_pi\",\"params\":{\"samples\":0,\"seed\":1}}"));
        assertEquals(ErrorCode.INVALID_TASK, refused.code());
        assertEquals("params.samples: expected a whole number from 1 to 1000000000000000, got 0", refused.getMessage());
    }

    @Test
    void payloadsOfATypeWhoseCombinerNeedsParamsHaveToSayHowToCombine() throws Exception {
        String payloads = "{\"type\":\"monte_carlo_pi\",\"payloads\":[{\"samples\":10,\"seed\":1}]";
        RefusedException refused = assertThrows(RefusedException.class, () -> work(payloads + "}"));
        assertEquals(ErrorCode.INVALID_TASK, refused.code());
        assertTrue(
                refused.getMessage()
                        .startsWith(
                                "task.combine: expected a way to combine, because payloads come without the params"),
                refused::getMessage);
        assertEquals(1, work(payloads + ",\"combine\":\"sum\"}").count());
    }

    private static TaskWork work(String task) throws ProtocolException, RefusedException {
        TaskObject object = TaskObject.read(JsonText.object(task));
        return TaskWork.prepare(object, TaskTypes.builtin().find(object.type()), TaskLanes.INLINE);
    }
}
