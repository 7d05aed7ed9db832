package io.divvy.task.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.Forwarding;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.RangeFolder;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.task.example.VowelCount;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Types that differ from a good one in one place. */
final class BadTypes {
    private BadTypes() {}

    /** Good until something is overridden. */
    abstract static class Vowels extends Forwarding {
        Vowels() {
            super(new VowelCount());
        }
    }

    record Replaced(long count, LongFunction<JsonNode> payloads) implements Subtasks {
        @Override
        public JsonNode payload(long index) {
            return payloads.apply(index);
        }
    }

    interface Resplit {
        LongFunction<JsonNode> payloads(Subtasks good);
    }

    static TaskType resplit(Resplit resplit) {
        return new Vowels() {
            @Override
            public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
                Subtasks good = super.split(params, subtasks);
                return new Replaced(good.count(), resplit.payloads(good));
            }
        };
    }

    interface Process {
        JsonNode process(JsonNode payload, TaskContext context) throws Exception;
    }

    static TaskType reprocess(Process process) {
        return new Vowels() {
            @Override
            public JsonNode process(JsonNode payload, TaskContext context) throws Exception {
                return process.process(payload, context);
            }
        };
    }

    static TaskType recombine(Combiner<?> combiner) {
        return new Vowels() {
            @Override
            public Combiner<?> combiner(ObjectNode params) {
                return combiner;
            }
        };
    }

    static TaskType refold(RangeFolder folder, Combiner<?> combiner) {
        return new Vowels() {
            @Override
            public RangeFolder rangeFolder() {
                return folder;
            }

            @Override
            public Combiner<?> combiner(ObjectNode params) {
                return combiner;
            }
        };
    }

    /** A good sum until something is overridden. */
    abstract static class LongCombiner implements Combiner<Long> {
        final boolean isExact;

        LongCombiner(boolean isExact) {
            this.isExact = isExact;
        }

        @Override
        public Long empty() {
            return 0L;
        }

        @Override
        public @Nullable String complaint(JsonNode result) {
            return null;
        }

        @Override
        public Long add(Long sum, JsonNode result) {
            return sum + result.longValue();
        }

        @Override
        public Long merge(Long left, Long right) {
            return left + right;
        }

        @Override
        public JsonNode finish(Long sum) {
            return LongNode.valueOf(sum);
        }

        @Override
        public boolean isExact() {
            return isExact;
        }
    }

    /** Associative, with a neutral element, but the order matters. */
    static final class Last extends LongCombiner {
        Last() {
            super(true);
        }

        @Override
        public Long empty() {
            return -1L;
        }

        @Override
        public Long add(Long last, JsonNode result) {
            return result.longValue();
        }

        @Override
        public Long merge(Long left, Long right) {
            return right < 0 ? left : right;
        }
    }
}
