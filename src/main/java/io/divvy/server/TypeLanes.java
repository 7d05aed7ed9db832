package io.divvy.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.net.EventLoop;
import io.divvy.protocol.Json;
import io.divvy.protocol.TaskObject;
import io.divvy.task.JsonText;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the code of each type runs: that of types that ship on the loop, as it is known to be quick, and all other on threads
 * of its type, under a time limit. What is large is quick nowhere: it is combined on threads, whoever wrote the code.
 */
final class TypeLanes implements CodeLanes, TypeThreads.Loop, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TypeLanes.class);

    private final TaskTypes types;
    private final TypeLimits limits;
    private final long checkMs;
    private final Map<String, TypeThreads> foreign = new ConcurrentSkipListMap<>();
    private final Supplier<TypeLane> largeLanes = this::large;
    private final TypeThreads large = new TypeThreads("large", TypeLimits.ofLarge(), this);
    /** Null before there is a server: {@link #await} is all that is used then. */
    private volatile @Nullable EventLoop loop;

    private boolean isWatched;

    private long lastCheckMs;

    TypeLanes(TaskTypes types, TypeLimits limits) {
        this.types = types;
        this.limits = limits;
        this.checkMs = Math.max(1, Math.min(TypeLimits.CHECK_MS, limits.callMs() / 4));
    }

    /** From now on lanes are used on this loop. */
    void start(EventLoop serverLoop) {
        this.loop = serverLoop;
    }

    @Override
    public TaskTypes types() {
        return types;
    }

    @Override
    public TaskLanes of(TaskObject task) {
        TaskType type = types.find(task.type());
        TypeLane lane = type == null || !TaskLanes.needCodeOfType(task) ? TypeLane.INLINE : of(task.type(), type);
        return new TaskLanes(lane, largeLanes);
    }

    /** A lane for code of the type. */
    TypeLane of(String name, TaskType type) {
        return TaskTypes.isBuiltin(type)
                ? TypeLane.INLINE
                : new ThreadedLane(foreign.computeIfAbsent(name, any -> new TypeThreads(name, limits, this)), true);
    }

    /** A lane for one task whose results are combined by code of ours, and have become too large for the loop. */
    TypeLane large() {
        return new ThreadedLane(large, false);
    }

    /** Whether so much that is large waits to be combined that whoever brings much should wait. */
    boolean isBehind() {
        return large.waitingBytes() > limits.waitingBytes() / 2;
    }

    /** What the types say that they take, by name; asked for once. Before {@link #start}. */
    Map<String, ObjectNode> paramsSchemas() {
        Map<String, ObjectNode> schemas = new HashMap<>();
        for (String name : types.names()) {
            TaskType type = Objects.requireNonNull(types.find(name));
            // As JSON, so that nobody else has a hand on it.
            Outcome<byte[]> schema = await(of(name, type), () -> Json.write(type.paramsSchema()));
            if (schema instanceof Outcome.Returned<byte[]> written) {
                schemas.put(name, JsonText.object(new String(written.value(), StandardCharsets.UTF_8)));
            } else {
                LOG.warn(
                        "task type {}: it does not say which params it takes: {}",
                        name,
                        ((Outcome.Failed<byte[]>) schema).failure());
                schemas.put(name, JsonText.object("{\"type\":\"object\"}"));
            }
        }
        return schemas;
    }

    /** The same before {@link #start} only. */
    @Override
    public <T> Outcome<T> await(TypeLane lane, Guard.Code<T> code) {
        CompletableFuture<Outcome<T>> answer = new CompletableFuture<>();
        lane.call("a call", 0, code, answer::complete);
        long lookedNs = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return answer.get(checkMs, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    long nowNs = System.nanoTime();
                    check(TimeUnit.NANOSECONDS.toMillis(nowNs - lookedNs));
                    lookedNs = nowNs;
                } catch (InterruptedException e) {
                    interrupted = true; // It has to be known what became of the call; that has an end.
                } catch (ExecutionException e) {
                    throw new IllegalStateException("nobody completes it with a failure", e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void deliver(Runnable answer) {
        EventLoop running = loop;
        if (running == null) {
            answer.run();
        } else {
            running.execute(answer);
        }
    }

    @Override
    public void watch() {
        EventLoop running = loop;
        if (running != null && !isWatched) {
            isWatched = true;
            lastCheckMs = running.nowMs();
            scheduleCheck(running);
        }
    }

    private void scheduleCheck(EventLoop running) {
        running.schedule(running.nowMs() + checkMs, () -> {
            long sinceLastCheckMs = running.nowMs() - lastCheckMs;
            lastCheckMs = running.nowMs();
            boolean isBusy = true; // If looking fails, too: else nobody would look again.
            try {
                isBusy = check(sinceLastCheckMs);
            } finally {
                isWatched = isBusy;
                if (isBusy) {
                    scheduleCheck(running);
                }
            }
        });
    }

    /** Returns whether anything runs. */
    private boolean check(long sinceLastCheckMs) {
        boolean isBusy = large.check(Math.min(sinceLastCheckMs, TypeLimits.CHECKED_MS));
        for (TypeThreads threads : foreign.values()) {
            isBusy |= threads.check(Math.min(sinceLastCheckMs, TypeLimits.CHECKED_MS));
        }
        return isBusy;
    }

    /** The types whose code did not return, by name. From any thread. */
    List<StuckType> stuck() {
        return foreign.values().stream()
                .map(TypeThreads::stuck)
                .filter(Objects::nonNull)
                .toList();
    }

    @Override
    public void close() {
        foreign.values().forEach(TypeThreads::close);
        large.close();
    }
}
