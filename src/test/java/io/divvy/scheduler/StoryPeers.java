package io.divvy.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.scheduler.StoryFolding.SumAnswer;
import io.divvy.state.Ledger;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSnapshot;
import io.divvy.state.TaskSnapshot.State;
import io.divvy.state.TaskSpec;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The senders and workers of a story, what they hear, and what has to be so of each end that is told. */
abstract class StoryPeers implements Effect.Handler {
    final Map<WorkerId, StoryWorker> workers = new LinkedHashMap<>();
    final Deque<Effect> replies = new ArrayDeque<>();

    /** Takes what senders heard; the ends of tasks are held to what every end must be. */
    void takeReplies() {
        while (!replies.isEmpty()) {
            if (replies.peek() instanceof Effect.TaskEnded ended) {
                String task = ended.task().spec().id().value();
                if (ended.task().state() == State.COMPLETED) {
                    completes(task);
                } else {
                    ends(task, ended.task().state());
                }
            } else {
                replies.remove();
            }
        }
    }

    void isAccepted(long request, String task, long subtasks) {
        assertEquals(new Effect.TaskAccepted(request, new TaskId(task), subtasks), replies.poll());
    }

    Refusal isRefused(long request, Refusal.Kind kind) {
        Effect.TaskRefused refused = reply(Effect.TaskRefused.class);
        assertEquals(request, refused.request());
        assertEquals(kind, refused.refusal().kind(), refused.refusal().message());
        return refused.refusal();
    }

    void isPatched(long request, String task) {
        assertEquals(new Effect.PatchAnswered(request, new TaskId(task), null), replies.poll());
    }

    Refusal isNotPatched(long request, Refusal.Kind kind) {
        Effect.PatchAnswered answer = reply(Effect.PatchAnswered.class);
        assertEquals(request, answer.request());
        Refusal refusal = assertNotNull(answer.refusal(), "it was patched");
        assertEquals(kind, refusal.kind(), refusal.message());
        return refusal;
    }

    Ledger reportsProgress(String task) {
        Effect.ReportProgress report = reply(Effect.ReportProgress.class);
        assertEquals(new TaskId(task), report.task());
        return report.ledger();
    }

    /** The task completed with the right answer: every index that did not fail is in it once. */
    TaskSnapshot completes(String task) {
        Effect.TaskEnded ended = ends(task, State.COMPLETED);
        TaskSnapshot last = ended.task();
        long total = last.ledger().total();
        long sum = IndexResults.sum(0, total);
        long failed = 0;
        for (Range range : last.failedRanges()) {
            sum -= IndexResults.sum(range.from(), range.to());
            failed += range.size();
        }
        SumAnswer answer = assertInstanceOf(SumAnswer.class, ended.answer());
        assertEquals(sum, answer.sum(), "the sum of the results of " + task);
        assertEquals(total - failed, answer.folded());
        Ledger.Draft allDone = new Ledger.Draft(total);
        allDone.done = total - failed;
        allDone.failed = failed;
        assertEquals(allDone.finish(), last.ledger());
        if (last.spec().foldOrder() == TaskSpec.FoldOrder.ASCENDING
                && !answer.text().isEmpty()) {
            assertEquals(inOrder(total, last.failedRanges()), answer.text());
        }
        return last;
    }

    private static String inOrder(long total, List<Range> failed) {
        StringBuilder text = new StringBuilder();
        for (long index = 0; index < total; index++) {
            long at = index;
            boolean hasFailed = failed.stream().anyMatch(range -> range.from() <= at && at < range.to());
            text.append(hasFailed ? "-" : index).append(' ');
        }
        return text.toString();
    }

    /** The task ended before all of its subtasks were done, because its answer was there. */
    TaskSnapshot completesEarly(String task) {
        return ends(task, State.COMPLETED).task();
    }

    TaskFailure fails(String task) {
        return assertNotNull(endsFailed(task).failure(), task + " failed, but not for a reason");
    }

    /** The task as it stood when it had failed. */
    TaskSnapshot endsFailed(String task) {
        return ends(task, State.FAILED).task();
    }

    TaskSnapshot isCancelled(String task) {
        return ends(task, State.CANCELLED).task();
    }

    /** Of a task whose end is told nothing but what is stored is left. */
    abstract void checkLeft(Effect.TaskEnded ended);

    private Effect.TaskEnded ends(String task, State state) {
        Effect.TaskEnded ended = reply(Effect.TaskEnded.class);
        assertEquals(task, ended.task().spec().id().value());
        assertEquals(state, ended.task().state(), () -> "the end of " + ended.task());
        assertEquals(state == State.FAILED, ended.task().failure() != null);
        assertEquals(state == State.COMPLETED, ended.answer() != null);
        assertTrue(
                ended.task().ledger().addsUp(),
                () -> "the ledger adds up: " + ended.task().ledger());
        assertEquals(0, ended.task().ledger().pending() + ended.task().ledger().leased(), "unfinished subtasks");
        checkLeft(ended);
        return ended;
    }

    /** Whether somebody heard something that the story did not ask about yet. */
    boolean hasReply() {
        return !replies.isEmpty();
    }

    private <T extends Effect> T reply(Class<T> kind) {
        return assertInstanceOf(kind, replies.poll());
    }

    static <T> T assertNotNull(@Nullable T value, String message) {
        if (value == null) {
            throw new AssertionError(message);
        }
        return value;
    }

    @Override
    public void on(Effect.TaskAccepted effect) {
        replies.add(effect);
    }

    @Override
    public void on(Effect.TaskRefused effect) {
        replies.add(effect);
    }

    @Override
    public void on(Effect.PatchAnswered effect) {
        replies.add(effect);
    }

    @Override
    public void on(Effect.ReportProgress effect) {
        replies.add(effect);
    }

    @Override
    public void on(Effect.DescribeTask effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.Assign effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.Revoke effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.CancelLease effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.Ack effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.CancelWork effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.Forget effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.RefuseMessage effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.GoAway effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.DropWorker effect) {
        workers.get(effect.worker()).receive(effect);
    }

    @Override
    public void on(Effect.TaskEnded effect) {
        replies.add(effect);
    }
}
