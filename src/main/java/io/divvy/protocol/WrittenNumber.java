package io.divvy.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import java.io.IOException;
import java.io.Serial;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A number with a fraction or an exponent, in the characters in which it came. It leaves in the same ones: a decimal of 1e16
 * would be written as a whole number, and one of -0.0 without its sign. Its value is made of them where somebody asks.
 */
final class WrittenNumber extends NumericNode {
    @Serial
    private static final long serialVersionUID = 1;

    /** Of whole values: from here on {@link #canonicalText} has an exponent. Doubles are exact below. */
    private static final int MOST_PLAIN_DIGITS = 16;

    private final String text;

    /** @param text a JSON number whose exponent {@link #hasBoundedExponent} */
    WrittenNumber(String text) {
        this.text = text;
    }

    /** Whether the exponent, if there is one, lies within {@link ProtocolLimits#MAX_NUMBER_EXPONENT} of zero. */
    static boolean hasBoundedExponent(String text) {
        int at = Math.max(text.lastIndexOf('e'), text.lastIndexOf('E')) + 1;
        if (at == 0) {
            return true;
        }
        int exponent = 0;
        for (; at < text.length(); at++) {
            char next = text.charAt(at);
            if (next != '+' && next != '-') {
                exponent = 10 * exponent + (next - '0');
            }
            if (exponent > ProtocolLimits.MAX_NUMBER_EXPONENT) {
                return false;
            }
        }
        return true;
    }

    /** The same for equal values with a fraction or an exponent, and for no whole number. */
    String canonicalText() {
        BigDecimal value = decimalValue().stripTrailingZeros();
        if (value.signum() == 0) {
            return text.startsWith("-") ? "-0.0" : "0.0";
        }
        if (value.scale() > 0) {
            return value.toString();
        }
        boolean isPlain = value.scale() == 0 || (long) value.precision() - value.scale() <= MOST_PLAIN_DIGITS;
        return isPlain ? value.toPlainString() + ".0" : value.toString();
    }

    @Override
    public JsonToken asToken() {
        return JsonToken.VALUE_NUMBER_FLOAT;
    }

    @Override
    public JsonParser.NumberType numberType() {
        return JsonParser.NumberType.BIG_DECIMAL;
    }

    @Override
    public boolean isFloatingPointNumber() {
        return true;
    }

    @Override
    public boolean isBigDecimal() {
        return true;
    }

    @Override
    public Number numberValue() {
        return decimalValue();
    }

    @Override
    public BigDecimal decimalValue() {
        return new BigDecimal(text);
    }

    /** Rounded once. Infinite if no double is so large. */
    @Override
    public double doubleValue() {
        return Double.parseDouble(text);
    }

    @Override
    public float floatValue() {
        return Float.parseFloat(text);
    }

    @Override
    public short shortValue() {
        return decimalValue().shortValue();
    }

    @Override
    public int intValue() {
        return decimalValue().intValue();
    }

    @Override
    public long longValue() {
        return decimalValue().longValue();
    }

    @Override
    public BigInteger bigIntegerValue() {
        return decimalValue().toBigInteger();
    }

    @Override
    public boolean canConvertToInt() {
        return DecimalNode.valueOf(decimalValue()).canConvertToInt();
    }

    @Override
    public boolean canConvertToLong() {
        return DecimalNode.valueOf(decimalValue()).canConvertToLong();
    }

    @Override
    public boolean canConvertToExactIntegral() {
        return DecimalNode.valueOf(decimalValue()).canConvertToExactIntegral();
    }

    @Override
    public String asText() {
        return text;
    }

    @Override
    public void serialize(JsonGenerator json, SerializerProvider provider) throws IOException {
        json.writeNumber(text);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WrittenNumber number && canonicalText().equals(number.canonicalText());
    }

    @Override
    public int hashCode() {
        return canonicalText().hashCode();
    }
}
