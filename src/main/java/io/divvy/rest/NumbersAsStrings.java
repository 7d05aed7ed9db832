package io.divvy.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.node.POJONode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Writes each number of a result as a string of the same characters, for clients whose numbers are doubles: JavaScript
 * reads 333333833333500000 as another number without a word.
 */
final class NumbersAsStrings extends JsonGeneratorDelegate {
    private NumbersAsStrings(JsonGenerator json) {
        super(json);
    }

    /** The value, in which numbers become strings while it is written. Nothing is copied: results may be large. */
    static JsonNode in(JsonNode value) {
        return new POJONode(new JsonSerializable.Base() {
            @Override
            public void serialize(JsonGenerator json, SerializerProvider provider) throws IOException {
                value.serialize(new NumbersAsStrings(json), provider);
            }

            @Override
            public void serializeWithType(JsonGenerator json, SerializerProvider provider, TypeSerializer type)
                    throws IOException {
                serialize(json, provider);
            }
        });
    }

    @Override
    public void writeNumber(short number) throws IOException {
        writeString(Short.toString(number));
    }

    @Override
    public void writeNumber(int number) throws IOException {
        writeString(Integer.toString(number));
    }

    @Override
    public void writeNumber(long number) throws IOException {
        writeString(Long.toString(number));
    }

    @Override
    public void writeNumber(BigInteger number) throws IOException {
        writeString(number.toString());
    }

    @Override
    public void writeNumber(float number) throws IOException {
        writeString(Float.toString(number));
    }

    @Override
    public void writeNumber(double number) throws IOException {
        writeString(Double.toString(number));
    }

    @Override
    public void writeNumber(BigDecimal number) throws IOException {
        writeString(number.toString());
    }

    @Override
    public void writeNumber(String number) throws IOException {
        writeString(number);
    }

    @Override
    public void writeNumber(char[] number, int offset, int length) throws IOException {
        writeString(number, offset, length);
    }
}
