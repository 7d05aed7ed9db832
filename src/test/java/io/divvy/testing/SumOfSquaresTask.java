package io.divvy.testing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;

/** The classic example, as a task object, with its answer by another way. */
public record SumOfSquaresTask(long end, long subtasks) {
    public ObjectNode toJson() {
        ObjectNode task = JsonNodeFactory.instance.objectNode();
        task.put("type", "sum_of_squares").put("subtasks", subtasks);
        task.putObject("params").put("start", 1).put("end", end);
        return task;
    }

    /** n(n+1)(2n+1)/6 */
    public BigInteger answer() {
        BigInteger n = BigInteger.valueOf(end);
        return n.multiply(n.add(BigInteger.ONE))
                .multiply(n.shiftLeft(1).add(BigInteger.ONE))
                .divide(BigInteger.valueOf(6));
    }
}
