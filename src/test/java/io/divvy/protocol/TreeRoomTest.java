package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short text may be a large tree. */
class TreeRoomTest {
    private static byte[] text(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[[1],[2],[3]]", "{'a':{'b':1},'c':['text']}", "[1.5,2e3,'text',null,true,-7]", "['xyz']"})
    void theBytesCountedWhileReadingAreAboutThoseOfTheTree(String json) throws ProtocolException {
        JsonNode tree = Json.read(text(json), 0, text(json).length);
        long bytes = TreeSize.of(tree);
        assertEquals(tree, Json.read(text(json), 0, text(json).length, TreeRoom.of(bytes * 3 / 2)));
        ProtocolException refused = assertThrows(
                ProtocolException.class, () -> Json.read(text(json), 0, text(json).length, TreeRoom.of(bytes / 2)));
        assertEquals(ErrorCode.LIMIT_EXCEEDED, refused.code());
    }

    @Test
    void theErrorSaysWhatToDo() {
        ProtocolException refused =
                assertThrows(ProtocolException.class, () -> Json.read(text("[[[]]]"), 0, 6, TreeRoom.of(200)));
        assertTrue(
                String.valueOf(refused.getMessage())
                        .startsWith("the message takes more than the 200 bytes of memory that one may have"),
                refused::getMessage);
    }
}
