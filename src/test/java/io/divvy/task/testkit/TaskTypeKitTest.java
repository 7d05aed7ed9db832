package io.divvy.task.testkit;

import static io.divvy.task.testkit.BadTypes.recombine;
import static io.divvy.task.testkit.BadTypes.refold;
import static io.divvy.task.testkit.BadTypes.reprocess;
import static io.divvy.task.testkit.BadTypes.resplit;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.divvy.task.Combiners;
import io.divvy.task.InvalidParamsException;
import io.divvy.task.JsonText;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.task.example.VowelCount;
import io.divvy.task.testkit.BadTypes.Last;
import io.divvy.task.testkit.BadTypes.LongCombiner;
import io.divvy.task.testkit.BadTypes.Replaced;
import io.divvy.task.testkit.BadTypes.Vowels;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The kit lets a good type pass, and finds what is wrong with each of these bad ones. */
class TaskTypeKitTest {
    @Test
    void aGoodTypePasses() {
        TaskTypeKit.of(new VowelCount())
                .balancedBy(payload -> payload.get("part").textValue().length())
                .sameAnswerHoweverSplit()
                .check();
    }

    @Test
    void aTypeWithoutExamplesIsReported() {
        finds("has no example params", new Vowels() {
            @Override
            public List<ObjectNode> exampleParams() {
                return List.of();
            }
        });
    }

    @Test
    void aTypeMayHaveNothingToDo() {
        TaskTypeKit.of(new Vowels() {
                    @Override
                    public List<ObjectNode> exampleParams() {
                        return List.of(JsonText.object("{\"text\":\"\"}"));
                    }
                })
                .balancedBy(payload -> payload.get("part").textValue().length())
                .sameAnswerHoweverSplit()
                .check();
    }

    @Test
    void aSplitThatIsEmptyForSomeNumbersOfSubtasksOnlyIsReported() {
        finds("has 0 subtasks, and another split some", new Vowels() {
            @Override
            public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
                Subtasks good = super.split(params, subtasks);
                return subtasks == null || subtasks < 7 ? good : new Replaced(0, good::payload);
            }
        });
    }

    @Test
    void anExampleThatTheSchemaRefusesIsReported() {
        finds("the schema refuses an example: params.text is not of type \"integer\"", new Vowels() {
            @Override
            public ObjectNode paramsSchema() {
                return JsonText.object("{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"integer\"}}}");
            }
        });
    }

    @Test
    void aSchemaThatIsNotOfAnObjectIsReported() {
        finds("expected one of \"type\": \"object\"", new Vowels() {
            @Override
            public ObjectNode paramsSchema() {
                return JsonText.object("{}");
            }
        });
    }

    @Test
    void paramsForWhichSplitThrowsAreReported() {
        finds("expected an InvalidParamsException or nothing, got java.lang.NullPointerException", new Vowels() {
            @Override
            public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
                params.get("text").textValue().length();
                return super.split(params, subtasks);
            }
        });
    }

    @Test
    void paramsThatSplitTakesAndTheSchemaRefusesAreReported() {
        finds("split takes what the schema refuses: params.no_such_param is unknown", new Vowels() {
            @Override
            public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
                params.remove("no_such_param");
                return super.split(params, subtasks);
            }
        });
    }

    @Test
    void moreSubtasksThanWantedAreReported() {
        finds("the split into 1 has 2 subtasks", new Vowels() {
            @Override
            public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
                return super.split(params, subtasks == null ? null : subtasks + 1);
            }
        });
    }

    @Test
    void aSplitThatChangesFromCallToCallIsReported() {
        AtomicLong calls = new AtomicLong();
        finds(
                "and the second time as",
                resplit(payloads ->
                        index -> JsonNodeFactory.instance.objectNode().put("part", "call " + calls.incrementAndGet())));
    }

    @Test
    void aMissingPayloadIsReported() {
        finds("makes no payload 5 of 10", resplit(payloads -> index -> {
            if (index == 5) {
                throw new IndexOutOfBoundsException("5");
            }
            return payloads.payload(index);
        }));
    }

    @Test
    void aSplitThatLeavesSomethingOutIsReported() {
        TaskType forgetsTheLast = new Vowels() {
            @Override
            public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
                Subtasks all = super.split(params, subtasks);
                return new Replaced(Math.max(1, all.count() - 1), all::payload);
            }
        };
        AssertionError found = assertThrows(
                AssertionError.class,
                () -> TaskTypeKit.of(forgetsTheLast)
                        .balancedBy(payload -> payload.get("part").textValue().length())
                        .check());
        assertTrue(found.getMessage().contains("; expected the same"), found::getMessage);
        found = assertThrows(
                AssertionError.class,
                () -> TaskTypeKit.of(forgetsTheLast).sameAnswerHoweverSplit().check());
        assertTrue(found.getMessage().contains("another answer for a split into 1: "), found::getMessage);
    }

    @Test
    void anUnbalancedSplitIsReported() {
        AssertionError found = assertThrows(
                AssertionError.class,
                () -> TaskTypeKit.of(resplit(payloads -> index ->
                                JsonNodeFactory.instance.objectNode().put("part", "a".repeat((int) (index + 1)))))
                        .balancedBy(payload -> payload.get("part").textValue().length())
                        .check());
        assertTrue(found.getMessage().contains("has payloads of sizes from 1 to 10"), found::getMessage);
    }

    @Test
    void aPayloadThatChangesOnTheWireIsReported() {
        finds("for its payload as it was read from JSON", new Vowels() {
            @Override
            public Subtasks split(ObjectNode params, @Nullable Long subtasks) throws InvalidParamsException {
                Subtasks all = super.split(params, subtasks);
                return new Replaced(all.count(), index -> DoubleNode.valueOf(0.5));
            }

            @Override
            public JsonNode process(JsonNode payload, TaskContext context) {
                // What is read is no double but a decimal number.
                return LongNode.valueOf(payload.isDouble() ? 1 : 2);
            }
        });
    }

    @Test
    void aProcessWithRandomResultsIsReported() {
        AtomicLong calls = new AtomicLong();
        finds(
                "process of subtask 0 gave 1, and",
                reprocess((payload, context) -> LongNode.valueOf(calls.incrementAndGet())));
    }

    @Test
    void aProcessThatHidesItsInterruptionIsReported() {
        finds("expected the InterruptedException of checkCancelled to get through", reprocess((payload, context) -> {
            try {
                context.checkCancelled();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return LongNode.valueOf(1);
        }));
    }

    @Test
    void aResultThatItsCombinerDoesNotTakeIsReported() {
        finds(
                "the combiner does not take the result of subtask 0, \"one\": expected a whole number",
                reprocess((payload, context) -> TextNode.valueOf("one")));
    }

    @Test
    void anEmptyAccumulatorThatIsNotNeutralIsReported() {
        finds("another answer for nothing before the results", recombine(new LongCombiner(true) {
            @Override
            public Long empty() {
                return 1L;
            }
        }));
    }

    @Test
    void aCombinerThatIsNotAssociativeIsReported() {
        finds("another answer for groups merged", recombine(new LongCombiner(false) {
            @Override
            public Long add(Long sum, JsonNode result) {
                return 2 * sum + result.longValue();
            }
        }));
    }

    @Test
    void aCombinerThatIsCalledExactButKeepsTheOrderIsReported() {
        finds("in another order", recombine(new Last()));
    }

    @Test
    void anAccumulatorThatCannotBeRestoredIsReported() {
        finds("another answer for groups that were folded to JSON", recombine(new LongCombiner(true) {
            @Override
            public JsonNode toFolded(Long sum) {
                return LongNode.valueOf(sum + 1);
            }
        }));
    }

    @Test
    void aRangeFolderThatLeavesOutTheLastSubtaskIsReported() {
        finds(
                "expected what its results fold to",
                refold(
                        (subtasks, from, to, context) -> {
                            long sum = 0;
                            for (long index = from; index < to - 1; index++) {
                                sum += new VowelCount()
                                        .process(subtasks.payload(index), context)
                                        .longValue();
                            }
                            return LongNode.valueOf(sum);
                        },
                        Combiners.wholeNumberSum()));
    }

    @Test
    void aRangeFolderOfACombinerThatKeepsTheOrderIsReported() {
        finds(
                "folds ranges, but its combiner is not exact",
                refold((subtasks, from, to, context) -> NullNode.getInstance(), Combiners.sum()));
    }

    private static void finds(String problem, TaskType type) {
        AssertionError found =
                assertThrows(AssertionError.class, () -> TaskTypeKit.of(type).check());
        assertTrue(
                found.getMessage().startsWith("task type vowel_count")
                        && found.getMessage().contains(problem),
                found::getMessage);
    }
}
