package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.divvy.recording.Recorder;
import io.divvy.recording.RecordingHeader;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.TaskSize;
import io.divvy.scheduler.WorkerId;
import io.divvy.scheduler.WorkerIdentity;
import io.divvy.scheduler.WorkerTerms;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The recorder hears what the core heard, in the same order, whatever came of it. */
class RecordedDriverTest {
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private long nowMs = 1_772_366_400_000L;
    private Recorder recorder;
    private SchedulerDriver driver;

    @BeforeEach
    void start() {
        RecordingHeader header = RecordingHeader.of("divvy/test", nowMs).build();
        recorder = Recorder.into(text, header);
        driver = new SchedulerDriver(header.newScheduler(), () -> nowMs, recorder);
        driver.start(effects(effect -> {}), cause -> effects(effect -> {}), (why, cause) -> {});
    }

    @Test
    void anEventThatAnEffectLeadsToIsRecordedBehindItsCause() {
        driver.start(
                effects(effect -> {
                    if (effect instanceof Effect.Persist persist) {
                        driver.handle(new Event.StoreCommitted(persist.commit()));
                    }
                }),
                cause -> effects(effect -> {}),
                (why, cause) -> {});
        driver.handle(submitted("t1"));
        assertEquals(List.of("@0 TaskSubmitted", "> Persist", "@0 StoreCommitted", "> TaskAccepted"), kinds());
    }

    @Test
    void anEventThatTheCoreRefusesIsRecordedWithItsException() {
        nowMs += 3;
        assertThrows(IllegalArgumentException.class, () -> driver.handle(new Event.StoreCommitted(7)));
        assertThrows(IllegalArgumentException.class, () -> driver.handleOwn(new Event.StoreCommitted(8)));
        assertEquals(
                List.of(
                        "@3 StoreCommitted",
                        "! IllegalArgumentException:",
                        "@3 StoreCommitted",
                        "! IllegalArgumentException:"),
                kinds());
    }

    @Test
    void aTickIsRecordedIfATimerWasDue() {
        driver.handle(new Event.WorkerJoined(
                new WorkerId(1),
                new WorkerIdentity("", "ann"),
                WorkerTerms.heartbeatEvery(1_000).build()));
        driver.tick(nowMs);
        nowMs += 10_000;
        driver.tick(nowMs);
        assertEquals(List.of("@0 WorkerJoined", "@10000 tick", "> DropWorker"), kinds());
    }

    @Test
    void theRecordingEndsWithTheServer() {
        driver.handle(submitted("t1"));
        recorder.close("the server stopped", 0);
        driver.handle(submitted("t2"));
        assertEquals(List.of("@0 TaskSubmitted", "> Persist", "end the"), kinds());
    }

    private static Event submitted(String task) {
        return new Event.TaskSubmitted(
                1, TaskSpec.of(new TaskId(task), "squares").build(), new TaskSize(4, 3_000));
    }

    /** The first two words of each line but the header. */
    private List<String> kinds() {
        return text.toString(StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .map(line -> line.strip().split(" ", 3))
                .map(words -> words[0] + " " + words[1])
                .toList();
    }

    private static Effect.Handler effects(Consumer<Effect> each) {
        return (Effect.Handler) Proxy.newProxyInstance(
                Effect.Handler.class.getClassLoader(),
                new Class<?>[] {Effect.Handler.class},
                (proxy, method, arguments) -> {
                    each.accept((Effect) arguments[0]);
                    return null;
                });
    }
}
