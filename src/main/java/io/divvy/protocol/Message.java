package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Something that goes over the wire as one frame. */
public interface Message {
    /** Writes the whole object. {@code type} comes first: it is what a reader asks for first. */
    void writeTo(JsonGenerator json) throws IOException;
}
