package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.divvy.scheduler.Event;
import io.divvy.scheduler.Limits;
import io.divvy.scheduler.RetryPolicy;
import io.divvy.scheduler.Scheduler;
import io.divvy.scheduler.TaskSize;
import io.divvy.state.TaskId;
import io.divvy.state.TaskSpec;
import io.divvy.store.MemoryStore;
import io.divvy.store.Retention;
import io.divvy.store.StoredTask;
import io.divvy.store.StoredTasks;
import io.divvy.store.StoredTexts;
import io.divvy.store.TaskNotes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks by the ends of their ids. */
class ShortIdsTest {
    private static final String END = "0123abcd";

    private final SchedulerDriver driver = new SchedulerDriver(
            new Scheduler(Limits.DEFAULT, new RetryPolicy(1, 1), false, 1), () -> 1_780_000_000_000L, null);
    private final MemoryStore store = new MemoryStore(new Retention(Long.MAX_VALUE, 100_000, 1L << 30));
    private final Queue<Runnable> turns = new ArrayDeque<>();
    private long commits;
    private final ShortIds ids = new ShortIds(driver, store, turns::add);

    private static String id(int number, String end) {
        return String.format("018bcfe0-0000-7000-8000-%04x%s", number, end);
    }

    private void finished(int number, String end) {
        store.finishTask(
                new StoredTask(
                        StoredTasks.completed(id(number, end), null),
                        new TaskNotes(null, Map.of()),
                        StoredTexts.NONE,
                        new byte[] {'1'}),
                () -> {});
    }

    private void open(int number, String end) {
        driver.handle(new Event.TaskSubmitted(
                number, TaskSpec.of(new TaskId(id(number, end)), "mine").build(), new TaskSize(1, 100)));
        driver.handle(new Event.StoreCommitted(++commits));
    }

    /** What is found, or why nothing is. */
    private String found() {
        List<String> answers = new ArrayList<>();
        ids.find(END, id -> answers.add(id.map(TaskId::value).orElse("none")), why -> answers.add(why.getMessage()));
        while (!turns.isEmpty()) {
            turns.remove().run();
        }
        assertEquals(1, answers.size(), answers::toString);
        return answers.get(0);
    }

    @Test
    void oneOfManyIsFoundWhetherItIsFinishedOrNot() {
        for (int i = 1; i <= 5_000; i++) {
            finished(i, "00000000");
        }
        assertEquals("none", found());
        finished(7_000, END);
        assertEquals(id(7_000, END), found());
    }

    @Test
    void openTasksAreLookedAtSomeInEachTurn() {
        open(1, END);
        for (int i = 2; i <= 1_200; i++) {
            open(i, "00000000");
        }
        assertEquals(id(1, END), found());
        finished(7_000, END);
        assertEquals(2, found().split("018bcfe0", -1).length - 1, found());
    }

    @Test
    void severalAreNamed() {
        finished(1, END);
        finished(2, END);
        finished(3, "11111111");
        assertEquals(
                "the ids of several tasks end in 0123abcd: " + id(2, END) + ", " + id(1, END)
                        + "; give more of the one that you mean",
                found());
        for (int i = 4; i < 10; i++) {
            finished(i, END);
        }
        assertEquals(5, found().split("018bcfe0", -1).length - 1, found());
    }

    /** A whole id that no task has is looked for once, and not among all tasks. */
    @ParameterizedTest
    @CsvSource({
        "018bcfe0-0000-7000-8000-00010123abcd, false",
        "18bcfe0-0000-7000-8000-00010123abcd, true",
        "-00010123abcd, true",
        "00010123abcd, true",
        "0123abcd, true",
        "123abcd, false",
        "0123ABCD, false",
        "nightly-7, false",
    })
    void eightCharactersOrMoreButNotAllAreAnEnd(String text, boolean isEnd) {
        assertEquals(isEnd, TaskIds.isEndOfId(text));
    }

    @Test
    void whatIsDoneAboutAnAnswerMayFailAndTheNextIsAnsweredAllTheSame() {
        finished(1, END);
        List<String> answers = new ArrayList<>();
        ids.find(
                END,
                id -> {
                    throw new IllegalStateException("a mistake");
                },
                why -> {});
        ids.find(END, id -> answers.add(id.orElseThrow().value()), why -> {});
        assertEquals(1, turns.size(), "one is looked for at a time");
        assertThrows(IllegalStateException.class, () -> turns.remove().run());
        turns.remove().run();
        assertEquals(List.of(id(1, END)), answers);
    }

    @Test
    void whoAsksBeyondAThousandIsToldToTryAgain() {
        List<String> refused = new ArrayList<>();
        for (int i = 0; i <= ShortIds.MOST_WAITING; i++) {
            ids.find(END, id -> {}, why -> refused.add(why.code() + " " + why.getMessage()));
        }
        assertEquals(
                List.of("BUSY too many look for tasks by the ends of their ids; give the whole id, or try again"),
                refused);
    }
}
