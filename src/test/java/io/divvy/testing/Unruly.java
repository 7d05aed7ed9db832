package io.divvy.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A task type that misbehaves as its params say: {@code {"at":"split","how":"hang"}}. Without them it counts its subtasks, of
 * which there are four.
 */
public final class Unruly implements TaskType {
    public static final String NAME = "unruly";

    private static final int SUBTASKS = 4;

    private final CountDownLatch hanging = new CountDownLatch(1);

    /** Lets all that hangs return. */
    public void letGo() {
        hanging.countDown();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
        boolean isNull = at("split", params);
        Subtasks split = new Subtasks() {
            @Override
            public long count() {
                return at("count", params) ? -1 : SUBTASKS;
            }

            @Override
            public JsonNode payload(long index) {
                return at("payload", params) ? odd(params) : IntNode.valueOf((int) index);
            }
        };
        return isNull ? missing() : split;
    }

    @Override
    public JsonNode process(JsonNode payload, TaskContext context) {
        return payload;
    }

    @Override
    public ObjectNode paramsSchema() {
        throw new AssertionError("it has none");
    }

    @Override
    public Combiner<?> combiner(ObjectNode params) {
        return at("combiner", params) ? missing() : new Counting(params);
    }

    private final class Counting implements Combiner<Integer> {
        private final ObjectNode params;

        Counting(ObjectNode params) {
            this.params = params;
        }

        @Override
        public Integer empty() {
            return at("empty", params) ? missing() : 0;
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            at("complaint", params);
            return null;
        }

        @Override
        public Integer add(Integer accumulator, JsonNode result) {
            return at("add", params) ? missing() : accumulator + 1;
        }

        @Override
        public Integer merge(Integer left, Integer right) {
            return at("merge", params) ? missing() : left + right;
        }

        @Override
        public JsonNode finish(Integer accumulator) {
            return at("finish", params) ? odd(params) : IntNode.valueOf(accumulator);
        }

        @Override
        public JsonNode toStored(Integer accumulator) {
            return at("toStored", params) ? odd(params) : IntNode.valueOf(accumulator);
        }

        @Override
        public Integer fromStored(JsonNode stored) {
            return stored.intValue();
        }

        @Override
        public boolean isExact() {
            at("isExact", params);
            return true;
        }
    }

    /** Misbehaves if it is the time for it. Returns whether null is to be returned. */
    private boolean at(String place, ObjectNode params) {
        if (!params.path("at").asText().equals(place)) {
            return false;
        }
        return switch (params.path("how").asText()) {
            case "error" -> throw new AssertionError("as it was asked to");
            case "linkage" -> throw new NoClassDefFoundError("some/Missing");
            case "memory" -> throw new OutOfMemoryError("as if there were none");
            case "stack" -> dive(0) > 0;
            case "death" -> throw sneaky(new Throwable("neither an Exception nor an Error"));
            case "sneaky" -> throw sneaky(new java.io.IOException("that nobody declared"));
            case "silent" -> throw new Silent();
            case "null", "unreadable" -> true;
            case "hang" -> hang();
            case "greed" -> params.removeAll().isEmpty() && false;
            default -> throw new IllegalArgumentException("how: " + params);
        };
    }

    private static int dive(int depth) {
        return dive(depth + 1) + depth;
    }

    /** Does not hear interrupts, as code that hangs seldom does. */
    private boolean hang() {
        boolean interrupted = false;
        while (true) {
            try {
                hanging.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /** One that cannot even be spoken of. */
    private static final class Silent extends Error {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("no text");
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable thrown) throws E {
        throw (E) thrown;
    }

    /** Null, or JSON that no parser takes. */
    private static JsonNode odd(ObjectNode params) {
        if (params.path("how").asText().equals("null")) {
            return missing();
        }
        ArrayNode deep = JsonNodeFactory.instance.arrayNode();
        for (int depth = 0; depth < 500; depth++) {
            deep = JsonNodeFactory.instance.arrayNode().add(deep);
        }
        return deep;
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T missing() {
        return null;
    }
}
