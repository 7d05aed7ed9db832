package io.divvy.store;

import static io.divvy.store.StoreUser.get;
import static io.divvy.store.StoredTasks.completed;
import static io.divvy.store.StoredTasks.queued;
import static io.divvy.store.StoredTasks.task;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.divvy.state.ChunkProgress;
import io.divvy.state.Range;
import io.divvy.state.TaskFailure;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What every store does that survives the end of the process. */
public abstract class DurableTaskStoreContractTest extends TaskStoreContractTest {
    private static final TaskProgress PROGRESS = new TaskProgress(1_500L, 3, 4, 10, "no such file");

    /** Opens what was opened before, as a server does that takes over from one which may still live. */
    protected abstract TaskStore takeOver() throws IOException;

    private StoreUser first() throws IOException {
        return new StoreUser(open(new Retention(FOR_EVER_MS, 1_000, 1 << 30)));
    }

    /** What a server finds that starts now. */
    private List<UnfinishedTask> recovered() throws IOException {
        try (TaskStore next = takeOver()) {
            return recovered(next);
        }
    }

    private static List<UnfinishedTask> recovered(TaskStore store) throws StoreOpenException {
        List<UnfinishedTask> found = new ArrayList<>();
        store.recover(found::add);
        return found;
    }

    private static ChunkRow.PartRow part(long from, long to) {
        return new ChunkRow.PartRow(from, to, false, bytes("[" + from + "]"));
    }

    private static ChunkRow chunk(int number, long seq, long closedTo, long foldedTo, ChunkRow.PartRow... parts) {
        return new ChunkRow(
                number,
                seq,
                List.of(new Range(0, closedTo)),
                List.of(),
                foldedTo,
                List.of(),
                bytes("to " + foldedTo),
                List.of(parts));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** For example {@code [0, 4) folded to 2, parts [2, 3) [3, 4)}. */
    private static String story(ChunkRow chunk) {
        List<String> parts = new ArrayList<>();
        for (ChunkRow.PartRow part : chunk.parts()) {
            parts.add("[" + part.from() + ", " + part.to() + ")" + text(part.results()));
        }
        return "seq " + chunk.seq() + " closed " + chunk.closed() + " folded to " + chunk.foldedTo() + ", parts "
                + parts;
    }

    @Test
    void aTaskThatIsNotFinishedIsThereAfterARestart() throws IOException {
        try (StoreUser user = first()) {
            get(user.create(task("late", null, TaskSnapshot.State.QUEUED, List.of(), 2_000)));
            get(user.create(task("early", null, TaskSnapshot.State.QUEUED, List.of(), 1_000)));
        }
        List<UnfinishedTask> found = recovered();
        assertEquals(
                List.of(new TaskId("early"), new TaskId("late")),
                found.stream().map(UnfinishedTask::id).toList());
        UnfinishedTask early = found.get(0);
        assertEquals("{\"task\":\"early\"}", text(early.object()));
        assertEquals("fingerprint", early.fingerprint());
        assertFalse(early.keepsResults());
        assertEquals(10, early.subtasks());
        assertEquals(1_000, early.submittedMs());
        assertEquals(new TaskProgress(null, 0, 0, 10, ""), early.progress());
        assertEquals(List.of(), early.chunks());
    }

    @Test
    void howFarATaskCameIsThereAfterARestart() throws IOException {
        ChunkRow touched = new ChunkRow(
                7,
                1,
                List.of(new Range(0, 3), new Range(1_000_000, 1_000_000_000_000L)),
                List.of(new Range(1, 2), new Range(5_000_000_000L, 5_000_000_001L)),
                0,
                List.of(new ChunkProgress.Attempts(3, 2, 1), new ChunkProgress.Attempts(900_000, 1, 0)),
                null,
                List.of(
                        new ChunkRow.PartRow(0, 1, true, bytes("[1]")),
                        new ChunkRow.PartRow(2, 3, false, bytes("[2]"))));
        try (StoreUser user = first()) {
            get(user.create(queued("a")));
            get(user.advance("a", PROGRESS, touched, chunk(2, 1, 1, 1)));
        }
        UnfinishedTask task = recovered().get(0);
        assertEquals(PROGRESS, task.progress());
        assertEquals(2, task.chunks().get(0).number());
        assertEquals("to 1", text(task.chunks().get(0).accumulator()));
        ChunkRow found = task.chunks().get(1);
        assertEquals(7, found.number());
        assertEquals(touched.closed(), found.closed());
        assertEquals(touched.failed(), found.failed());
        assertEquals(touched.attempts(), found.attempts());
        assertNull(found.accumulator());
        assertEquals(2, found.parts().size());
        assertTrue(found.parts().get(0).combined());
        assertFalse(found.parts().get(1).combined());
        assertArrayEquals(bytes("[2]"), found.parts().get(1).results());
    }

    @Test
    void whatIsDoneOfATaskAsItBeginsIsThereAfterARestart() throws IOException {
        ChunkRow begun = chunk(2, 1, 3, 3, part(4, 5));
        try (StoreUser user = first()) {
            get(user.create(queued("a"), begun));
            get(user.advance("a", PROGRESS, chunk(2, 2, 5, 3)));
        }
        UnfinishedTask task = recovered().get(0);
        assertEquals(PROGRESS, task.progress());
        assertEquals(
                List.of("seq 2 closed [[0, 5)] folded to 3, parts [[4, 5)[4]]"),
                task.chunks().stream().map(DurableTaskStoreContractTest::story).toList());
    }

    @Test
    void whatIsDoneOfATaskIsKeptWithItIfItCanBeRunAgain() throws IOException {
        TaskStore store = large();
        StoredTexts texts = new StoredTexts(null, null, null, bytes("{}"));
        for (String id : List.of("together", "apart")) {
            TaskSnapshot task = completed(id, null);
            if (id.equals("apart")) {
                create(store, queued(task));
            }
            onLoop((CompletableFuture<Boolean> done) -> {
                if (id.equals("together")) {
                    store.createTask(new NewTask(queued(task), NOTES, bytes("{}")), () -> {}, why -> {});
                }
                store.advanceTask(new TaskId(id), PROGRESS, List.of(chunk(2, 1, 3, 3)), () -> {});
                store.advanceTask(new TaskId(id), PROGRESS, List.of(chunk(2, 2, 5, 3, part(4, 5))), () -> {});
                store.finishTask(new StoredTask(task, NOTES, texts, null), () -> done.complete(true));
            });
            assertEquals(
                    List.of("seq 2 closed [[0, 5)] folded to 3, parts [[4, 5)[4]]"),
                    rerun(store, id).orElseThrow().done().stream()
                            .map(DurableTaskStoreContractTest::story)
                            .toList(),
                    id);
        }
    }

    @Test
    void whatChangedOfATaskIsThereAfterARestart() throws IOException {
        try (StoreUser user = first()) {
            get(user.create(queued("a")));
            get(user.create(queued("b")));
            assertEquals("committed", get(user.patch("a", TaskPatch.priority(7))));
            assertEquals("committed", get(user.patch("a", TaskPatch.labels(Map.of("team", "b")))));
        }
        List<UnfinishedTask> found = recovered();
        assertEquals(new TaskPatch(7, Map.of("team", "b"), null), found.get(0).patch());
        assertEquals(
                new TaskPatch(0, StoreUser.NOTES.labels(), null), found.get(1).patch());
    }

    @Test
    void aPausedTaskIsPausedAfterARestart() throws IOException {
        try (StoreUser user = first()) {
            get(user.create(queued("a")));
            get(user.create(queued("b")));
            get(user.patch("a", TaskPatch.paused(true)));
            user.patch("b", TaskPatch.paused(true));
            get(user.patch("b", TaskPatch.paused(false)));
        }
        List<UnfinishedTask> found = recovered();
        assertEquals(true, found.get(0).patch().paused());
        assertEquals(false, found.get(1).patch().paused());
    }

    @Test
    void changesThatGatherBeforeAnEndAreThereWithIt() throws IOException {
        TaskSnapshot end = completed("a", null);
        try (StoreUser user = first()) {
            get(user.create(end));
            user.patch("a", new TaskPatch(7, Map.of("team", "b"), null));
            user.patch("a", TaskPatch.priority(8));
            get(user.finish(end, "1"));
            StoredTask found = user.find("a").orElseThrow();
            assertEquals(8, found.task().spec().priority());
            assertEquals(Map.of("team", "b"), found.notes().labels());
            assertEquals(List.of(), user.heard);
        }
    }

    @Test
    void partsGoOnceTheyAreFolded() throws IOException {
        try (StoreUser user = first()) {
            get(user.create(queued("a")));
            get(user.advance("a", PROGRESS, chunk(0, 1, 4, 0, part(2, 3), part(3, 4))));
            get(user.advance("a", PROGRESS, chunk(0, 2, 6, 3, part(4, 6))));
        }
        assertEquals(
                "seq 2 closed [[0, 6)] folded to 3, parts [[3, 4)[3], [4, 6)[4]]",
                story(recovered().get(0).chunks().get(0)));
    }

    @Test
    void changesThatGatherAreAsGoodAsOnesThatCameOneByOne() throws IOException {
        try (StoreUser user = first()) {
            CompletableFuture<String> last = user.create(queued("a"));
            for (int seq = 1; seq <= 50; seq++) {
                last = user.advance("a", PROGRESS, chunk(0, seq, seq, seq / 2, part(seq - 1, seq)));
            }
            get(last);
        }
        ChunkRow chunk = recovered().get(0).chunks().get(0);
        assertEquals(50, chunk.seq());
        assertEquals(25, chunk.foldedTo());
        assertEquals(25, chunk.parts().get(0).from());
        assertEquals(25, chunk.parts().size());
    }

    @Test
    void aFinishedTaskIsAsItWasAfterARestart() throws IOException {
        TaskSnapshot plain = task("a", "key", TaskSnapshot.State.FAILED, List.of(new Range(1, 4)));
        TaskSnapshot.Draft draft = new TaskSnapshot.Draft(plain.spec(), plain.state(), plain.ledger());
        draft.retries = 5;
        draft.duplicates = 6;
        draft.submittedMs = plain.submittedMs();
        draft.finishedMs = plain.finishedMs();
        draft.failedRanges = plain.failedRanges();
        draft.failure = new TaskFailure(TaskFailure.Code.SUBTASK_FAILED, "at 4: \u00e4\ud83d\ude80", 4L, "w1", 3);
        TaskSnapshot failed = draft.finish();
        try (StoreUser user = first()) {
            get(user.create(failed));
            get(user.advance("a", PROGRESS, chunk(0, 1, 1, 0)));
            get(user.finish(failed, "1"));
        }
        assertEquals(List.of(), recovered());
        try (StoreUser user = new StoreUser(takeOver())) {
            StoredTask found = user.find("a").orElseThrow();
            assertEquals(failed, found.task());
            assertEquals(StoreUser.NOTES, found.notes());
            assertArrayEquals(bytes("1"), found.result());
        }
    }

    @Test
    void aTaskOfAnIdOrAKeyThatIsTakenIsRefusedAndNothingElse() throws IOException {
        try (StoreUser user = first()) {
            get(user.create(task("a", "key", TaskSnapshot.State.QUEUED, List.of())));
            CompletableFuture<String> sameId = user.create(queued("a"));
            CompletableFuture<String> sameKey = user.create(task("b", "key", TaskSnapshot.State.QUEUED, List.of()));
            CompletableFuture<String> other = user.create(queued("c"));
            assertTrue(get(sameId).contains("already"), get(sameId));
            assertTrue(get(sameKey).contains("already"), get(sameKey));
            assertEquals("committed", get(other));
            assertEquals(List.of(), user.heard);
        }
        assertEquals(
                List.of("a", "c"),
                recovered().stream().map(task -> task.id().value()).toList());
    }

    @Test
    void aServerThatWasReplacedCreatesNothing() throws IOException {
        try (StoreUser former = first();
                StoreUser next = new StoreUser(takeOver())) {
            former.create(queued("a"));
            isLost(former);
            assertEquals("committed", get(next.create(queued("a"))));
        }
    }

    @Test
    void aServerThatWasReplacedAccountsNothing() throws IOException {
        try (StoreUser former = first()) {
            get(former.create(queued("a")));
            get(former.advance("a", PROGRESS, chunk(0, 1, 1, 1)));
            try (TaskStore next = takeOver()) {
                CompletableFuture<String> late = former.advance("a", PROGRESS, chunk(0, 2, 9, 9));
                isLost(former);
                assertFalse(late.isDone());
                assertEquals(1, recovered(next).get(0).chunks().get(0).seq());
            }
        }
    }

    @Test
    void aServerThatWasReplacedFinishesNothing() throws IOException {
        try (StoreUser former = first()) {
            get(former.create(queued("a")));
            try (TaskStore next = takeOver()) {
                CompletableFuture<String> late = former.finish(completed("a", null), "1");
                isLost(former);
                assertFalse(late.isDone());
                assertEquals(1, recovered(next).size());
            }
        }
    }

    @Test
    void aServerThatWasReplacedDeletesNothing() throws IOException {
        try (StoreUser former = first()) {
            get(former.create(queued("a")));
            get(former.finish(completed("a", null), "1"));
            try (StoreUser next = new StoreUser(takeOver())) {
                former.delete("a");
                isLost(former);
                assertTrue(next.find("a").isPresent());
            }
        }
    }

    private static void isLost(StoreUser user) {
        await().until(() -> user.heard.stream().anyMatch(what -> what.startsWith("lost: ")));
        assertTrue(get(user.create(queued("later"))).contains("epoch"), "nothing is promised to anybody any more");
    }

    @Test
    void aChunkIsNotWrittenOverWhatIsNotItsFormerState() throws IOException {
        try (StoreUser user = first()) {
            get(user.create(queued("a")));
            get(user.advance("a", PROGRESS, chunk(0, 1, 1, 1)));
            CompletableFuture<String> tooEarly = user.advance("a", PROGRESS, chunk(0, 3, 3, 3));
            await().until(() -> user.heard.toString().contains("chunk 0 of task a is stored with seq 1"));
            assertFalse(tooEarly.isDone());
        }
        assertEquals(1, recovered().get(0).chunks().get(0).seq());
    }

    @Test
    void aChunkThatIsNotStoredIsNotWentOnWith() throws IOException {
        try (StoreUser user = first()) {
            get(user.create(queued("a")));
            user.advance("a", PROGRESS, chunk(0, 2, 3, 3));
            await().until(() -> user.heard.toString().contains("lost"));
        }
        assertEquals(List.of(), recovered().get(0).chunks());
    }

    @Test
    void aChangeThatComesTwiceIsAppliedOnce() throws IOException {
        try (StoreUser user = first()) {
            get(user.create(queued("a")));
            get(user.advance("a", PROGRESS, chunk(0, 1, 1, 0, part(0, 1))));
            assertEquals("committed", get(user.advance("a", PROGRESS, chunk(0, 1, 1, 0, part(0, 1)))));
            get(user.finish(completed("a", null), "1"));
            assertEquals("committed", get(user.finish(completed("a", null), "1")));
            assertEquals(List.of(), user.heard);
        }
    }
}
