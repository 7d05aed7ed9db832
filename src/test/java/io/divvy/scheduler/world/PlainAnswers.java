package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.StoredTask;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the server owes to a sender of dialect 1 on one connection: one message for each task, in the order in which the tasks came.
 * It says no id, but the results of the world tell whose they are.
 */
final class PlainAnswers implements OwedAnswers {
    private static final String CANCELLED = "the task was cancelled";

    private final World world;
    private final Consumer<Wanted> sender;
    private final Deque<Asked> asked = new ArrayDeque<>();
    private boolean mayBeClosed;

    /** @param wanted null for what makes no sense */
    private record Asked(@Nullable Wanted wanted) {}

    /** @param sender hears to what it submitted an answer has come */
    PlainAnswers(World world, Consumer<Wanted> sender) {
        this.world = world;
        this.sender = sender;
    }

    /** The server hears of this task. */
    void asked(Wanted wanted) {
        asked.add(new Asked(wanted));
    }

    /** The server hears what makes no sense. */
    void askedNonsense() {
        asked.add(new Asked(null));
    }

    /** The server hears what is no message: it says so at once, and closes the connection. */
    void askedGarbage() {
        mayBeClosed = true;
        asked.addFirst(new Asked(null));
    }

    @Override
    public void closed() {
        asked.clear();
    }

    @Override
    public boolean mayBeClosed() {
        return mayBeClosed;
    }

    @Override
    public boolean isOwed() {
        return !asked.isEmpty();
    }

    @Override
    public boolean waitsForTask() {
        return !asked.isEmpty();
    }

    /** Answers that wait for their turn count, too. */
    @Override
    public int mostWatchers() {
        return asked.size();
    }

    @Override
    public Runnable said(byte[] bytes, int offset, int length, boolean isTooLate) {
        JsonNode message;
        try {
            message = Json.read(bytes, offset, length);
        } catch (ProtocolException e) {
            throw new Violation("a plain sender cannot read what it is sent: " + e, e);
        }
        world.note(() -> "    a plain sender is told " + message);
        Violation.unless(!isTooLate, () -> message + " to a plain sender that is gone");
        Asked first = Violation.ifNull(asked.poll(), () -> message + " to a plain sender that waits for nothing");
        Wanted wanted = first.wanted;
        Violation.unless(
                wanted == null ? isRefusal(message) : isRight(message, wanted), () -> message + " to " + wanted);
        return () -> {
            if (wanted != null) {
                sender.accept(wanted);
            }
        };
    }

    /** The answer to what makes no sense. */
    private static boolean isRefusal(JsonNode message) {
        String error = message.path("error").asText();
        return error.startsWith("invalid_task: ") || error.startsWith("bad_json: ");
    }

    private boolean isRight(JsonNode message, Wanted wanted) {
        for (SimulatedTask task : wanted.tasks) {
            StoredTask end = task.end;
            if (end != null && isEnd(message, end)) {
                Violation.unless(
                        message.size() == 2 && (task.isDeleted || world.store().find(task.id()) != null),
                        () -> message + " of " + task + ", which is nowhere");
                task.isAccepted = true;
                return true;
            }
        }
        String error = message.path("error").asText();
        int colon = error.indexOf(": ");
        if (colon < 0 || !message.path("status").asText().equals("failed")) {
            return false;
        }
        if (error.contains("deleted")) {
            return error.startsWith("busy: ") && world.wasDeleted(wanted);
        }
        for (ErrorCode code : ErrorCode.values()) {
            if (code.wireName().equals(error.substring(0, colon).toLowerCase(Locale.ROOT))) {
                return wanted.mayBeRefused(code, world.wants());
            }
        }
        return false;
    }

    private static boolean isEnd(JsonNode message, StoredTask end) {
        TaskSnapshot.State state = end.task().state();
        if (state == TaskSnapshot.State.COMPLETED) {
            byte[] result = end.result();
            return message.path("status").asText().equals("completed")
                    && result != null
                    && message.path("result").toString().equals(new String(result, StandardCharsets.UTF_8));
        }
        TaskFailure failure = end.task().failure();
        return message.path("status").asText().equals("failed")
                && message.path("error").asText().equals(failure == null ? CANCELLED : failure.message());
    }

    @Override
    public String toString() {
        return "answers to " + asked;
    }
}
