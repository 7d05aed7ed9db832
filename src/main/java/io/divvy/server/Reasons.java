package io.divvy.server;

import io.divvy.protocol.TaskExplanation.Holder;
import io.divvy.protocol.TaskExplanation.Kind;
import io.divvy.protocol.TaskExplanation.Reason;
import io.divvy.scheduler.Explanation;
import io.divvy.state.TaskSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Puts into words why a task is not finished. */
final class Reasons implements Explanation.Handler<Reason> {
    private static final Reasons WORDS = new Reasons();

    private Reasons() {}

    static List<Reason> of(List<Explanation> explanations) {
        return explanations.stream()
                .map(explanation -> explanation.dispatch(WORDS))
                .toList();
    }

    static Reason finished(TaskSnapshot.State state) {
        return Reason.of(Kind.FINISHED, "the task is " + state.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public Reason on(Explanation.Running running) {
        String names = running.holders().stream()
                .map(holder -> holder.name() + " (" + holder.subtasks() + ")")
                .collect(Collectors.joining(", "));
        int unlisted = running.workers() - running.holders().size();
        return Reason.of(
                        Kind.RUNNING,
                        counted(running.subtasks(), "subtask") + " with " + counted(running.workers(), "worker") + ": "
                                + names + (unlisted == 0 ? "" : " and " + unlisted + " more"))
                .withSubtasks(running.subtasks())
                .withWorkers(running.workers())
                .withHeldBy(running.holders().stream()
                        .map(holder ->
                                new Holder(Long.toString(holder.worker().value()), holder.name(), holder.subtasks()))
                        .toList());
    }

    @Override
    public Reason on(Explanation.NoWorker none) {
        String message = none.draining() == 0
                ? "no worker that takes " + none.taskType() + " is connected; start one"
                : "no worker takes " + none.taskType() + " any more: " + counted(none.draining(), "worker")
                        + " of that type drain" + (none.draining() == 1 ? "s" : "") + "; start another";
        return Reason.of(Kind.NO_WORKER, message).withWorkers(none.draining());
    }

    @Override
    public Reason on(Explanation.WaitingForCredit waiting) {
        int workers = waiting.workers();
        String message = workers == 1
                ? "the one worker that takes " + waiting.taskType() + " is busy"
                : "all " + workers + " workers that take " + waiting.taskType() + " are busy";
        if (waiting.stalled() > 0) {
            message += "; " + waiting.stalled() + " of them gave no answer in time and "
                    + (waiting.stalled() == 1 ? "gets" : "get") + " nothing new until "
                    + (waiting.stalled() == 1 ? "it does" : "they do");
        }
        return Reason.of(Kind.WAITING_FOR_CREDIT, message).withWorkers(workers);
    }

    @Override
    public Reason on(Explanation.Quarantined quarantined) {
        boolean one = quarantined.workers() == 1;
        Instant until = Instant.ofEpochMilli(quarantined.untilMs());
        return Reason.of(
                        Kind.QUARANTINED,
                        counted(quarantined.workers(), "worker") + " that " + (one ? "takes " : "take ")
                                + quarantined.taskType() + (one ? " is" : " are")
                                + " quarantined: workers of that name died again and again, each time with another subtask;"
                                + (one ? " it gets" : " the first of them gets") + " work again at " + until)
                .withWorkers(quarantined.workers())
                .withUntil(until);
    }

    @Override
    public Reason on(Explanation.OnTrial onTrial) {
        boolean one = onTrial.subtasks() == 1;
        return Reason.of(
                        Kind.ON_TRIAL,
                        counted(onTrial.subtasks(), "subtask") + ", with which workers died or broke the protocol, "
                                + (one ? "waits" : "wait") + " for a worker that runs nothing else meanwhile")
                .withSubtasks(onTrial.subtasks());
    }

    @Override
    public Reason on(Explanation.BehindHigherPriority behind) {
        boolean one = behind.tasks() == 1;
        return Reason.of(
                        Kind.BEHIND_HIGHER_PRIORITY,
                        (behind.tasks() == Explanation.BehindHigherPriority.MOST_TASKS ? "at least " : "")
                                + counted(behind.tasks(), "task") + " of higher priority "
                                + (one ? "is served first: its priority is " : "are served first: theirs is up to ")
                                + behind.highestPriority() + ", this one's is " + behind.priority())
                .withTasks(behind.tasks());
    }

    @Override
    public Reason on(Explanation.BackingOff backingOff) {
        Instant until = Instant.ofEpochMilli(backingOff.untilMs());
        return Reason.of(
                        Kind.BACKING_OFF,
                        counted(backingOff.subtasks(), "subtask") + " failed and "
                                + (backingOff.subtasks() == 1 ? "waits for its" : "wait for their")
                                + " next attempt, the first one until " + until)
                .withSubtasks(backingOff.subtasks())
                .withUntil(until);
    }

    @Override
    public Reason on(Explanation.PreparingPayloads preparing) {
        return Reason.of(Kind.PREPARING_PAYLOADS, "the payloads of its next lease are being made");
    }

    @Override
    public Reason on(Explanation.HeldBack held) {
        return Reason.of(
                Kind.HELD_BACK,
                switch (held.bound()) {
                    case BUFFERED_RESULT_BYTES ->
                        "nothing new is started: results wait for lower ones, to be combined in order, and take the "
                                + held.most() + " bytes that they may";
                    case SUBTASK_BYTES ->
                        "nothing new is started: what is known of single subtasks, as failed attempts and what is done out"
                                + " of order, takes so much of the "
                                + held.most() + " bytes that it may in all tasks together; see why subtasks fail";
                    case WORKER_BYTES ->
                        "the workers get nothing more at once: what they hold takes so much of the " + held.most()
                                + " bytes that it may; give the server more memory, or the tasks fewer, larger subtasks";
                    case WAITING_RETRIES ->
                        "nothing new is started: " + held.most()
                                + " failed subtasks wait for their next attempt, as many as may";
                    case UNSAVED_RESULT_BYTES ->
                        "nothing is started: results take the " + held.most()
                                + " bytes that they may while they wait to be saved; see whether the disk is full or slow";
                    case GAPS_PER_CHUNK ->
                        "nothing new is started: what is done has " + held.most()
                                + " gaps, as many as it may; lower subtasks come first";
                });
    }

    @Override
    public Reason on(Explanation.AwaitingReturn awaiting) {
        Instant until = Instant.ofEpochMilli(awaiting.untilMs());
        return Reason.of(
                        Kind.AWAITING_RETURN,
                        "the server was restarted, and waits for workers to come back with their results; the task goes on at "
                                + until)
                .withUntil(until);
    }

    @Override
    public Reason on(Explanation.Paused paused) {
        return Reason.of(Kind.PAUSED, "the task is paused; nothing more of it is started until somebody resumes it");
    }

    @Override
    public Reason on(Explanation.NotBefore early) {
        Instant until = Instant.ofEpochMilli(early.untilMs());
        return Reason.of(Kind.NOT_BEFORE, "the task is not to begin before " + until)
                .withUntil(until);
    }

    @Override
    public Reason on(Explanation.Combining combining) {
        return Reason.of(Kind.COMBINING, "all subtasks are done; its result is being made of theirs");
    }

    @Override
    public Reason on(Explanation.Saving saving) {
        return Reason.of(Kind.SAVING, "the task ended; that is being saved");
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
