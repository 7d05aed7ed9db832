package io.divvy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.LongNode;
import java.math.BigInteger;

/** A sum of whole numbers of any size. Small ones are added as {@code long} until that overflows. */
public final class ExactSum {
    private static final int LONG_BITS = 63;

    private long small;
    private BigInteger large = BigInteger.ZERO;

    public ExactSum add(long value) {
        long sum = small + value;
        // Overflow: both have the sign that the sum lost. See Math.addExact.
        if (((small ^ sum) & (value ^ sum)) < 0) {
            large = large.add(BigInteger.valueOf(small));
            sum = value;
        }
        small = sum;
        return this;
    }

    public ExactSum add(BigInteger value) {
        if (value.bitLength() <= LONG_BITS) {
            return add(value.longValue());
        }
        large = large.add(value);
        return this;
    }

    public ExactSum add(ExactSum other) {
        add(other.small);
        large = large.add(other.large);
        return this;
    }

    public BigInteger value() {
        return large.add(BigInteger.valueOf(small));
    }

    /** A whole number in its smallest node: equal values are equal nodes. */
    public JsonNode toJson() {
        return toJson(value());
    }

    public static JsonNode toJson(BigInteger value) {
        return value.bitLength() <= LONG_BITS ? LongNode.valueOf(value.longValue()) : BigIntegerNode.valueOf(value);
    }
}
