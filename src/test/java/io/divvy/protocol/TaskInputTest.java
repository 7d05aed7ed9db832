package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a submission stays to be seen, however large it was. */
class TaskInputTest {
    private static ObjectNode input(String task) throws ProtocolException {
        TaskObject object = TaskObject.read(Wire.object(task));
        int bytes = TaskInput.bytes(object, object.toJson().length);
        byte[] input = TaskInput.write(object, bytes);
        assertEquals(
                Wire.object(new String(TaskInput.write(object, 0))), Wire.object(new String(input)), "measured anew");
        return Json.readObject(input, 0, input.length);
    }

    @Test
    void shortParamsAreShownAsTheyAre() throws ProtocolException {
        assertEquals(
                Wire.object("{'params':{'start':1,'end':1.50},'params_bytes':22,'payloads':null,'payloads_bytes':null,"
                        + "'payload_list':null,'subtasks':8,'combine':null}"),
                input("{'type':'x','params':{'start':1,'end':1.50},'subtasks':8}"));
    }

    @Test
    void withoutParamsThereAreNone() throws ProtocolException {
        assertEquals("{}", input("{'type':'x'}").get("params").toString());
    }

    @Test
    void shortPayloadsAreShownWithTheirNumber() throws ProtocolException {
        assertEquals(
                Wire.object("{'params':null,'params_bytes':null,'payloads':3,'payloads_bytes':15,"
                        + "'payload_list':[1,[2.0],['a']],'subtasks':null,'combine':'sum'}"),
                input("{'type':'x','payloads':[1,[2.0],['a']],'combine':'sum'}"));
    }

    /** Up to the bound, at it, and beyond; and with labels, which are no part of the params. */
    @ParameterizedTest
    @ValueSource(ints = {400, 600, 4_096, 4_097, 1_000_000})
    void theSizeIsThatOfTheTextHoweverLong(int bytes) throws ProtocolException {
        String params = "{'a':'" + "x".repeat(bytes - "{'a':''}".length()) + "'}";
        ObjectNode input = input("{'type':'x','labels':{'team':'a'},'params':" + params + "}");
        assertEquals(bytes, input.get("params_bytes").intValue());
        assertEquals(
                bytes <= ProtocolLimits.MAX_SHOWN_INPUT_BYTES,
                input.get("params").isObject());

        String payloads = "['" + "x".repeat(bytes - "['']".length()) + "']";
        ObjectNode listed = input("{'type':'x','labels':{'team':'a'},'payloads':" + payloads + "}");
        assertEquals(bytes, listed.get("payloads_bytes").intValue());
        assertTrue(listed.get("params").isNull());
        assertEquals(
                bytes <= ProtocolLimits.MAX_SHOWN_INPUT_BYTES,
                listed.get("payload_list").isArray());
    }
}
