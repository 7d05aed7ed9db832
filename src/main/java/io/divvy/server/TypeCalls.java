package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.ResultValues;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.server.session.ArrivedResults;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The effects that call the code of a task's type, each in the lane of its task: payloads are made, results are combined. What
 * came of it goes to the core.
 */
final class TypeCalls {
    private static final Logger LOG = LoggerFactory.getLogger(TypeCalls.class);

    private final SchedulerDriver driver;
    private final TaskDesk desk;
    private final AnswerRoom answers;
    private final ServerLimits limits;

    TypeCalls(SchedulerDriver driver, TaskDesk desk, AnswerRoom answers, ServerLimits limits) {
        this.driver = driver;
        this.desk = desk;
        this.answers = answers;
        this.limits = limits;
    }

    void makePayloads(Effect.MakePayloads effect) {
        withWork(
                effect.task(),
                work -> work.payloadLane()
                        .call("payload", 0, () -> payloads(work, effect), heard(effect.task(), work, payloads -> {
                            if (payloads.count() == 0) {
                                driver.handle(new Event.TaskBroke(
                                        effect.task(),
                                        TaskFailure.Code.LIMIT_EXCEEDED,
                                        "the payload of subtask " + effect.from() + " has more than the "
                                                + limits.payloadBytes() + " bytes that fit into a message"));
                                return;
                            }
                            driver.handle(new Event.PayloadsReady(
                                    effect.task(), effect.lease(), effect.from() + payloads.count(), payloads));
                            if (work.makesPayloadsAhead()) {
                                makePayloadsAhead(effect.task(), work, payloads.count());
                            }
                        })));
    }

    private PayloadText payloads(TaskWork work, Effect.MakePayloads effect) throws IOException {
        PayloadText payloads = work.payloads(effect.from(), effect.to(), limits.assignBytes());
        // One that is larger than what we like to send may still be as large as what can be sent.
        return payloads.count() > 0 ? payloads : work.payloads(effect.from(), effect.to(), limits.payloadBytes());
    }

    /** If that fails nothing is lost: they are made when they are needed, and then it fails again. */
    private void makePayloadsAhead(TaskId task, TaskWork work, int howMany) {
        Guard.Action ahead = () -> {
            Failure failure = Guard.run(() -> work.makePayloadsAhead(howMany));
            if (failure != null) {
                LOG.debug("task {}: payloads could not be made ahead: {}", task, failure);
            }
        };
        work.payloadLane().run("payload", 0, ahead, heard(task, work, done -> {}));
    }

    void fold(Effect.Fold effect) {
        ArrivedResults results = (ArrivedResults) effect.results();
        inFoldLane(
                effect.task(),
                results.values(),
                work -> work.folding()
                        .fold(effect.chunk(), effect.from(), effect.to(), results.values(), effect.resultsFrom()));
    }

    void foldCombined(Effect.FoldCombined effect) {
        ArrivedResults results = (ArrivedResults) effect.results();
        inFoldLane(
                effect.task(), results.values(), work -> work.folding().foldCombined(effect.chunk(), results.values()));
    }

    void foldFailed(Effect.FoldFailed effect) {
        inFoldLane(effect.task(), null, work -> work.foldFailed(effect.chunk(), effect.from(), effect.to()));
    }

    void closeChunk(Effect.CloseChunk effect) {
        inFoldLane(effect.task(), null, work -> work.folding().closeChunk(effect.chunk()));
    }

    private void inFoldLane(TaskId task, @Nullable ResultValues results, Consumer<TaskWork> action) {
        withWork(task, work -> {
            if (work.isOutgrown()) {
                return; // It fails for that.
            }
            TypeLane lane = results == null ? work.foldLane() : work.foldLane(results);
            lane.call(
                    "fold",
                    results == null ? 0 : results.sizeBytes(),
                    () -> {
                        action.accept(work);
                        return work.folding().sizeBytes();
                    },
                    heard(task, work, size -> folded(task, work, size)));
        });
    }

    /** So much is folded of the task: it must not be too much for one answer, nor for all together. */
    private void folded(TaskId task, TaskWork work, long sizeBytes) {
        if (work.isOutgrown()) {
            return;
        }
        if (sizeBytes > limits.answerBytes()) {
            outgrown(
                    task,
                    "the results take more than the " + limits.answerBytes()
                            + " bytes that the result of a task may have; let the subtasks return less, or combine them to less");
            return;
        }
        answers.folded(task, sizeBytes);
        for (TaskId most = answers.excessive(); most != null; most = answers.excessive()) {
            outgrown(
                    most,
                    "what is kept of the results of all tasks takes more than the " + answers.mostBytes()
                            + " bytes that it may, and this task keeps the most of them, " + answers.bytesOf(most)
                            + " bytes; let the subtasks return less, combine them to less, run fewer such tasks at once, or"
                            + " give the server more memory");
        }
    }

    /** What it kept is let go at once, and not when its end is saved. */
    private void outgrown(TaskId task, String message) {
        desk.work(task).outgrow();
        answers.release(task);
        driver.handle(new Event.TaskBroke(task, TaskFailure.Code.LIMIT_EXCEEDED, message));
    }

    void finish(Effect.Finish effect) {
        withWork(
                effect.task(),
                work -> work.finishLane().call("finish", 0, () -> answer(work), heard(effect.task(), work, answer -> {
                    driver.handle(
                            answer.isPresent()
                                    ? new Event.CombineFinished(effect.task(), answer.get())
                                    : new Event.TaskBroke(
                                            effect.task(),
                                            TaskFailure.Code.LIMIT_EXCEEDED,
                                            "the result has a number of more than "
                                                    + ProtocolLimits.MAX_NUMBER_DIGITS
                                                    + " digits, the most that a message may have"));
                })));
    }

    /** Empty if a number of it is too long. */
    private static Optional<JsonAnswer> answer(TaskWork work) {
        JsonNode answer = work.folding().finish();
        if (!Json.hasReadableNumbers(answer)) {
            return Optional.empty();
        }
        boolean isForeign = work.isCombinedByForeignCode();
        return Optional.of(new JsonAnswer(isForeign ? ForeignJson.write("finish", answer) : Json.write(answer)));
    }

    private void withWork(TaskId task, Consumer<TaskWork> action) {
        if (desk.isOpen(task)) { // Else it ended while this effect waited in line.
            action.accept(desk.work(task));
        }
    }

    /** Hears what the code of the task's type gave. If it failed, the task does, and nobody else. */
    private <T> Consumer<Outcome<T>> heard(TaskId task, TaskWork work, Consumer<T> then) {
        return outcome -> {
            if (work.hasEnded()) {
                return;
            }
            try {
                if (outcome instanceof Outcome.Returned<T> returned) {
                    then.accept(returned.value());
                } else if (outcome instanceof Outcome.Failed<T> failed) {
                    broke(task, failed.failure());
                }
            } catch (RuntimeException | Error e) {
                LOG.error("task {}: what the code of its type gave could not be used", task, e);
                desk.mistaken(task, e);
            }
        };
    }

    private void broke(TaskId task, Failure failure) {
        // Whoever submits tasks can make that happen, so it takes one line.
        LOG.warn("task {}: the code of its type failed: {}", task, failure);
        desk.broke(task, failure);
    }
}
