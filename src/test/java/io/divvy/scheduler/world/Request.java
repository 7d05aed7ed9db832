package io.divvy.scheduler.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.protocol.FromSender;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a sender of protocol 2 asks, as often as it takes to be answered.
 *
 * @param number by which the answer is known
 * @param wanted what it submits, or null
 * @param name the id or alias of the task that it asks for, or null
 */
record Request(
        long number,
        Kind kind,
        @Nullable Wanted wanted,
        @Nullable String name,
        boolean wantsProgress) {

    enum Kind {
        SUBMIT,
        STATUS,
        ATTACH,
        CANCEL
    }

    /** Whether its sender waits for a task, if all goes well. */
    boolean leadsToWaiting() {
        return kind == Kind.SUBMIT || kind == Kind.ATTACH;
    }

    FromSender message() {
        return switch (kind) {
            case SUBMIT -> new FromSender.Submit(number, wantsProgress, json());
            case STATUS -> new FromSender.Status(number, name(this));
            case ATTACH -> new FromSender.Attach(number, name(this), wantsProgress);
            case CANCEL -> new FromSender.Cancel(number, name(this));
        };
    }

    private static String name(Request request) {
        return Objects.requireNonNull(request.name, "a task is asked for by name");
    }

    private ObjectNode json() {
        byte[] text =
                Objects.requireNonNull(wanted, "what is submitted").object().toJson();
        try {
            return Json.readObject(text, 0, text.length);
        } catch (ProtocolException e) {
            throw new IllegalStateException("the task object cannot be read that was just written", e);
        }
    }

    @Override
    public String toString() {
        return "request " + number + ", " + kind + " " + (wanted == null ? name : wanted);
    }
}
