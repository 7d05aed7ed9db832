package io.divvy.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Failure;
import io.divvy.guard.Outcome;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.RefusedException;
import io.divvy.protocol.ResultValues;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TreeSize;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Refusal;
import io.divvy.server.session.Tasks;
import io.divvy.state.SubmitKey;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import io.divvy.store.StoredTask;
import io.divvy.task.TaskType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submissions on their way to the core: each task is split, and looked up if it has a key, before the core hears of it. On
 * the loop.
 */
final class Submissions {
    private static final Logger LOG = LoggerFactory.getLogger(Submissions.class);
    /** What a byte of a tree in memory is at most once it is written: an escape of six characters. */
    private static final long MOST_WRITTEN_BYTES = 6;

    private final SchedulerDriver driver;
    private final CodeLanes lanes;
    private final TaskIds ids;
    private final KeyLookups keys;
    private final TaskWorks works;
    private final Map<Long, Submission> submissions = new HashMap<>();
    private long lastRequest;

    /**
     * A submission that the core has not answered yet.
     *
     * @param id that its task has if it is a new one
     * @param done how many of its subtasks are, as it begins
     */
    private record Submission(TaskId id, long done, Tasks.SubmitReply reply) {}

    /** @param works to which the tasks are added */
    Submissions(SchedulerDriver driver, CodeLanes lanes, TaskIds ids, KeyLookups keys, TaskWorks works) {
        this.driver = driver;
        this.lanes = lanes;
        this.ids = ids;
        this.keys = keys;
        this.works = works;
    }

    TaskWorks works() {
        return works;
    }

    /** How many the core has not answered yet. */
    int count() {
        return submissions.size();
    }

    /** @param key under which the same task is found if it had been submitted before, or null */
    void submit(TaskObject object, @Nullable SubmitKey key, Tasks.SubmitReply reply) {
        submit(object, HeadStart.NONE, key, reply);
    }

    /** @param headStart what of it need not be done */
    void submit(TaskObject object, HeadStart headStart, @Nullable SubmitKey key, Tasks.SubmitReply reply) {
        TaskType type = lanes.types().find(object.type());
        long paramsBytes = TreeSize.of(object.params());
        try {
            requireSendable(object, paramsBytes);
            requireSplittable(object, type);
        } catch (ProtocolException e) {
            reply.refused(e.code(), String.valueOf(e.getMessage()), null);
            return;
        }
        TaskLanes taskLanes = lanes.of(object);
        TypeLane lane = headStart.sizeBytes() > TaskWork.LARGE_BYTES ? taskLanes.forLarge() : taskLanes.lane();
        List<JsonNode> payloads = object.payloads();
        long inputBytes = lane.isForeign() && payloads != null
                ? paramsBytes + ResultValues.of(payloads).sizeBytes()
                : paramsBytes;
        lane.call(
                "split",
                inputBytes + headStart.sizeBytes(),
                () -> Prepared.of(TaskWork.prepare(object, type, taskLanes), headStart),
                outcome -> reply.tell(() -> {
                    if (outcome instanceof Outcome.Returned<Prepared> prepared) {
                        submit(prepared.value(), key, reply);
                    } else if (outcome instanceof Outcome.Failed<Prepared> failed) {
                        refuse(object, failed.failure(), reply);
                    }
                }));
    }

    private static void refuse(TaskObject object, Failure failure, Tasks.SubmitReply reply) {
        if (failure.cause() instanceof RefusedException refused) {
            reply.refused(refused.code(), String.valueOf(refused.getMessage()), refused.retryAfterMs());
        } else {
            LOG.warn("the code of the task type {} failed to split a task: {}", object.type(), failure);
            reply.refused(ErrorCode.INVALID_TASK, "the code of the task's type failed: " + failure, null);
        }
    }

    /**
     * @param mark of a rerun, or nothing
     * @param taken what is done of it before it begins
     */
    private record Prepared(TaskWork work, String mark, HeadStart.Taken taken) {
        static Prepared of(TaskWork work, HeadStart headStart) throws ProtocolException {
            HeadStart.Taken taken = headStart.begin(work);
            work.texts.beginWith(taken.rows());
            return new Prepared(work, headStart.mark(), taken);
        }
    }

    /** The task is split. */
    private void submit(Prepared prepared, @Nullable SubmitKey key, Tasks.SubmitReply reply) {
        TaskWork work = prepared.work();
        String fingerprint = key == null ? "" : work.object().fingerprint(work.count()) + prepared.mark();
        TaskSpec spec = work.spec(new TaskId(ids.next()), key, fingerprint);
        if (key == null) {
            handOver(spec, prepared, reply);
        } else {
            keys.look(new KeyLookups.Submission(
                    key,
                    work.size().bytes(),
                    finished -> reply.tell(() -> finished.ifPresentOrElse(
                            known -> submitFinished(key, spec, known, reply), () -> handOver(spec, prepared, reply))),
                    why -> reply.tell(
                            () -> reply.refused(why.code(), String.valueOf(why.getMessage()), why.retryAfterMs()))));
        }
    }

    private void requireSplittable(TaskObject object, @Nullable TaskType type) throws ProtocolException {
        if (type == null && object.payloads() == null) {
            throw new ProtocolException(
                    ErrorCode.UNKNOWN_TASK_TYPE,
                    "task.type: this server has no type \"" + object.type() + "\"; expected one of "
                            + String.join(", ", lanes.types().names()) + ", or payloads in the task");
        }
    }

    /** Params go to workers in one frame, written out by us: escapes may make them longer than they came. */
    private static void requireSendable(TaskObject object, long paramsBytes) throws ProtocolException {
        if (MOST_WRITTEN_BYTES * paramsBytes <= ProtocolLimits.MAX_PARAMS_BYTES) {
            return;
        }
        int bytes = Json.write(object.params()).length;
        if (bytes > ProtocolLimits.MAX_PARAMS_BYTES) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "task.params: they have " + bytes + " bytes, expected at most " + ProtocolLimits.MAX_PARAMS_BYTES
                            + "; keep large data elsewhere and say where");
        }
    }

    /** The core takes it as a new task, or answers with the open one that has its key. */
    private void handOver(TaskSpec spec, Prepared prepared, Tasks.SubmitReply reply) {
        TaskWork work = prepared.work();
        long request = ++lastRequest;
        works.add(spec.id(), work);
        submissions.put(request, new Submission(spec.id(), prepared.taken().subtasks(), reply));
        driver.handle(new Event.TaskSubmitted(
                request, spec, work.size(), prepared.taken().chunks()));
    }

    private static void submitFinished(SubmitKey key, TaskSpec spec, StoredTask stored, Tasks.SubmitReply reply) {
        TaskSpec known = stored.task().spec();
        if (known.fingerprint().equals(spec.fingerprint())) {
            reply.accepted(known.id(), stored.task().ledger().total(), false);
        } else {
            reply.refused(ErrorCode.CONFLICT, key.conflictWith(known.id()), null);
        }
    }

    void accepted(long request, TaskId task, long subtasks) {
        Submission submission = answered(request);
        boolean isNew = task.equals(submission.id());
        if (!isNew) {
            works.refuse(submission.id());
        }
        Tasks.SubmitReply reply = submission.reply();
        reply.tell(() -> {
            if (isNew && submission.done() > 0) {
                reply.beginsWith(submission.done());
            }
            reply.accepted(task, subtasks, isNew);
        });
    }

    void refused(long request, Refusal refusal) {
        Submission submission = answered(request);
        works.refuse(submission.id());
        Tasks.SubmitReply reply = submission.reply();
        reply.tell(() ->
                reply.refused(ErrorCode.valueOf(refusal.kind().name()), refusal.message(), refusal.retryAfterMs()));
    }

    private Submission answered(long request) {
        Submission submission = submissions.remove(request);
        if (submission == null) {
            throw new IllegalStateException("request " + request + " was answered twice or never made");
        }
        return submission;
    }
}
