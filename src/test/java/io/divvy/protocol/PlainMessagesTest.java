package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.IntNode;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

/** What is refused is in {@code PlainSenderProtocolTest} and {@code PlainWorkerProtocolTest}, over the wire. */
class PlainMessagesTest {
    @Test
    void plainMessagesReadBackAsTheyWereWritten() throws ProtocolException {
        Plain.Task task = new Plain.Task("my.task_1-a", BigInteger.TEN.pow(100).negate(), BigInteger.ONE, 10);
        assertEquals(task, Wire.readBack(Plain.Task::read, task));
        Plain.SubtaskResult result = new Plain.SubtaskResult("t", 3, IntNode.valueOf(385));
        assertEquals(result, Wire.readBack(Plain.SubtaskResult::read, result));
    }

    @Test
    void fieldsMayComeInAnyOrderAndUnknownOnesAreIgnored() throws ProtocolException {
        assertEquals(
                new Plain.Task("t", BigInteger.ONE, BigInteger.TWO, 1),
                Wire.read(Plain.Task::read, "{'num_subtasks':1,'extra':{},'range':[1,2],'task_id':'t'}"));
        assertEquals(
                new Plain.SubtaskResult("t", 3, IntNode.valueOf(5)),
                Wire.read(Plain.SubtaskResult::read, "{'result':5,'worker':7,'subtask_index':3,'task_id':'t'}"));
    }

    @Test
    void plainMessagesAreWrittenAsTheOriginalClientsReadThem() {
        assertEquals(
                "{\"status\":\"task_available\",\"subtask\":{\"task_id\":\"t\",\"subtask_index\":3,\"range\":[1,10]}}",
                Wire.text(new Plain.TaskAvailable("t", 3, BigInteger.ONE, BigInteger.TEN)));
        assertEquals("{\"status\":\"no_task\"}", Wire.text(new Plain.NoTask()));
        assertEquals("{\"status\":\"completed\",\"result\":385}", Wire.text(new Plain.Completed(IntNode.valueOf(385))));
        assertEquals("{\"status\":\"failed\",\"error\":\"why\"}", Wire.text(new Plain.Failed("why")));
    }
}
