package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;

/** Writes a JSON array entry by entry, up to a size. */
public final class JsonArrayText {
    private static final int BRACKET_BYTES = 1;

    private final ByteArrayBuilder bytes = new ByteArrayBuilder();
    private final JsonGenerator json;
    private final int mostBytes;
    /** The text without the bracket at its end, as far as it is kept. */
    private int length;

    /** @param mostBytes that the text may have in UTF-8 */
    public JsonArrayText(int mostBytes) throws IOException {
        this.mostBytes = mostBytes;
        this.json = Json.factory().createGenerator(bytes);
        json.writeStartArray();
        this.length = BRACKET_BYTES;
    }

    /** Returns false, and drops the entry, if the text would become too large. Then nothing more can be added. */
    public boolean add(JsonNode entry) throws IOException {
        Json.write(json, entry);
        return fits();
    }

    /** The same for an entry that is written out as JSON already. */
    public boolean addWritten(String entry) throws IOException {
        json.writeRawValue(entry);
        return fits();
    }

    private boolean fits() {
        int written = bytes.size() + json.getOutputBuffered();
        if (written + BRACKET_BYTES > mostBytes) {
            return false;
        }
        length = written;
        return true;
    }

    /** The text in UTF-8. Nothing can be added any more. */
    public byte[] end() throws IOException {
        json.close(); // That ends the array, too.
        byte[] text = bytes.toByteArray();
        bytes.release();
        if (text.length == length + BRACKET_BYTES) {
            return text;
        }
        byte[] kept = Arrays.copyOf(text, length + BRACKET_BYTES); // Without the entry that was too large.
        kept[length] = ']';
        return kept;
    }
}
