package io.divvy.worker;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.ToWorker.TaskDescription;
import io.divvy.worker.LeaseQueue.Batch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A result is never taken for less than it is written as: it would end each connection on which it is sent. */
class ResultCheckTest {
    private static final String EMOJI = "\ud83d\ude00";

    private static ObjectNode fields(int count) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < count; i++) {
            object.put("k" + (100_000 + i), "v" + (100_000 + i));
        }
        return object;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'\ud83d\ude00\ud83d\ude00'",
                "{'\ud83d\ude00':'\ud83d\ude00'}",
                "{'a':'b','c':'d','e':'f','g':'h','i':'j'}",
                "{'a':{},'b':{},'c':[],'d':[],'e':[[]]}",
                "['','','',[],{},true,false,null,1.5,12345678901234567890123]",
                "'\\u0001\\n\\\\\u007f\u00e4\u20ac\u2028'",
            })
    void aResultIsNotTakenForLessThanItsText(String json) throws Exception {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        assertBounded(Json.read(text, 0, text.length));
    }

    private static void assertBounded(JsonNode value) throws UnfitResultException, ProtocolException {
        long written = Json.write(value).length;
        long counted = ResultCheck.sendable(value).textBytes();
        assertTrue(counted >= written, counted + " bytes counted of " + written);
    }

    @Test
    void aResultThatNoMessageHoldsIsRefusedWhateverItIsMadeOf() throws Exception {
        assertBounded(TextNode.valueOf(EMOJI.repeat(1_000)));
        assertBounded(fields(1_000));
        assertThrows(UnfitResultException.class, () -> ResultCheck.sendable(TextNode.valueOf(EMOJI.repeat(400_000))));
        assertThrows(UnfitResultException.class, () -> ResultCheck.sendable(fields(246_000)));
    }

    /** Should the check count too little: what is kept would be offered on each connection, and end it. */
    @Test
    void aResultThatIsTooLongAsAMessageIsNotKept() {
        Workshop workshop = new Workshop(1, why -> {});
        ObjectNode params = JsonNodeFactory.instance.objectNode();
        WorkerTask task = workshop.prepare(
                new TaskDescription("t", "letters", params, 2, 1_024, false, null),
                new Letters((payload, context) -> payload));
        Batch batch = new Batch(new Assignment(new Assignment.Origin(1, 1, 0), task, 0, 2, null), 0, 2);
        ResultValues tooLong = ResultValues.of(List.of(TextNode.valueOf(EMOJI.repeat(400_000))));
        // The core, which would keep it, does not hear of it: it would say that the slot has no batch.
        assertThrows(UnfitResultException.class, () -> workshop.answer(0, batch, 0, tooLong));
    }
}
