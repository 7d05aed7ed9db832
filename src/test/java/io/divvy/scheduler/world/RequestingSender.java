package io.divvy.scheduler.world;

import io.divvy.protocol.ErrorMessage;
import io.divvy.protocol.Hello;
import io.divvy.protocol.ServerHeartbeat;
import io.divvy.protocol.ToSender;
import io.divvy.protocol.Welcome;
import io.divvy.scheduler.world.Request.Kind;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A sender of protocol 2. On a new connection it asks again what was not answered, under the same key if there is one, and
 * attaches to the tasks that it waits for.
 */
final class RequestingSender extends SimulatedSender implements ToSender.Handler {
    private final Map<Long, Request> open = new LinkedHashMap<>();
    /** Tasks whose end it waits for. */
    private final Set<String> waitsFor = new LinkedHashSet<>();
    /** Which task it is that it cancels by its alias, by the request. */
    private final Map<Long, String> cancelled = new HashMap<>();

    private long lastNumber;

    RequestingSender(World world, String name, SplittableRandom random) {
        super(world, name, random);
    }

    @Override
    Hello hello() {
        return new Hello.Sender(null);
    }

    @Override
    OwedAnswers newAnswers() {
        return new RequestAnswers(world, world.server(), message -> message.dispatch(this));
    }

    @Override
    boolean isServed() {
        return open.isEmpty() && waitsFor.isEmpty();
    }

    // What it asks.

    @Override
    void submit(Wanted wanted, SplittableRandom salt) {
        ask(new Request(++lastNumber, Kind.SUBMIT, wanted, null, salt.nextBoolean()));
    }

    void ask(Kind kind, String name, boolean wantsProgress) {
        ask(new Request(++lastNumber, kind, null, name, wantsProgress));
    }

    private void ask(Request request) {
        open.put(request.number(), request);
        send(request);
    }

    private void send(Request request) {
        SenderConnection on = open();
        if (on != null) {
            on.toServer(request.message(), () -> owed(on).asked(request));
        }
    }

    private static RequestAnswers owed(SenderConnection on) {
        return (RequestAnswers) on.owed;
    }

    @Override
    void askAgain() {
        cancelled.clear();
        List<String> ends = List.copyOf(waitsFor);
        waitsFor.clear();
        open.values().forEach(this::send);
        ends.forEach(id -> ask(Kind.ATTACH, id, true));
    }

    @Override
    void lie(SplittableRandom salt) {
        SenderConnection on = open();
        if (on == null) {
            return;
        }
        switch (salt.nextInt(3)) {
            case 0 -> on.garbageToServer("{\"type\":\"submit\",", () -> owed(on).askedGarbage());
            case 1 -> on.garbageToServer("{\"type\":\"nonsense\"}", () -> owed(on).askedNonsense());
            default ->
                on.garbageToServer(
                        "{\"type\":\"submit\",\"task\":{\"type\":\"letters\",\"max_atempts\":3}}",
                        () -> owed(on).askedNonsense());
        }
    }

    // What it is told.

    private Request answered(@Nullable Long number, ToSender answer) {
        return Violation.ifNull(number == null ? null : open.remove(number), () -> this + " did not ask for " + answer);
    }

    @Override
    public void on(Welcome message) {
        // It said what it has to say already.
    }

    @Override
    public void on(ServerHeartbeat message) {
        // The server is there.
    }

    @Override
    public void on(ErrorMessage message) {
        Long number = message.request();
        if (number != null) {
            cancelled.remove(number);
            open.remove(number); // It may not be open: the end of a task may have crossed the wish to cancel it.
        }
    }

    @Override
    public void on(ToSender.Accepted message) {
        answered(message.request(), message);
        waitsFor.add(message.taskId());
    }

    @Override
    public void on(ToSender.ProgressReport message) {
        Violation.unless(waitsFor.contains(message.taskId()), () -> this + " does not wait for " + message);
    }

    @Override
    public void on(ToSender.Completed message) {
        ended(message.taskId());
    }

    @Override
    public void on(ToSender.Failed message) {
        ended(message.taskId());
    }

    @Override
    public void on(ToSender.Cancelled message) {
        ended(message.taskId());
    }

    private void ended(String id) {
        waitsFor.remove(id);
        open.values()
                .removeIf(request -> request.kind() == Kind.CANCEL
                        && (id.equals(request.name()) || id.equals(cancelled.get(request.number()))));
    }

    @Override
    public void on(ToSender.Task message) {
        Long number = message.request();
        Request request = number == null ? null : open.get(number);
        if (request != null && request.kind() == Kind.CANCEL) {
            cancelled.put(request.number(), message.view().id());
        } else if (answered(number, message).kind() == Kind.ATTACH) {
            waitsFor.add(message.view().id());
        }
    }

    @Override
    public void on(ToSender.Unknown message) {
        throw new Violation(this + " is told " + message);
    }
}
