package io.divvy.server;

import io.divvy.protocol.ProtocolLimits;
import io.divvy.protocol.TaskInput;
import io.divvy.protocol.TaskObject;
import io.divvy.state.TaskFailures;
import io.divvy.store.ChunkRow;
import io.divvy.store.ListQuery;
import io.divvy.store.StoredTexts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is shown of a task as JSON that nobody looks into: what was submitted, and once it has ended what failed. */
final class TaskTexts {
    private final TaskObject object;
    /** Of its params or payloads; 0 if that is quickly seen. Set before anybody hears of the task. */
    private int inputBytes;
    /** Made once, at the end of the task. */
    private @Nullable StoredTexts kept;
    /** What is done of it as it begins. Needed until it is stored. */
    private List<ChunkRow> headStart = List.of();

    TaskTexts(TaskObject object) {
        this.object = object;
    }

    /** All that was submitted, as it is stored until the task ends. */
    byte[] object() {
        byte[] json = object.toJson();
        isStoredAs(json);
        return json;
    }

    /** @param json of the object */
    void isStoredAs(byte[] json) {
        inputBytes = TaskInput.bytes(object, json.length);
    }

    /** What was submitted, in short. From any thread. */
    byte[] input() {
        return TaskInput.write(object, inputBytes);
    }

    /** The same for a list, or null if it is too long for that. From any thread. */
    byte @Nullable [] listedInput() {
        boolean isLong = inputBytes > ListQuery.LONGEST_INPUT_BYTES
                && inputBytes <= ProtocolLimits.MAX_SHOWN_INPUT_BYTES; // What is longer still is left out of it.
        byte[] input = isLong ? null : input();
        return input == null || input.length > ListQuery.LONGEST_INPUT_BYTES ? null : input;
    }

    void beginWith(List<ChunkRow> done) {
        headStart = done;
    }

    /** What is done of it as it begins. It is asked for once. */
    List<ChunkRow> takeHeadStart() {
        List<ChunkRow> done = headStart;
        headStart = List.of();
        return done;
    }

    /**
     * The task has ended, and this is kept of it.
     *
     * @param isWhole whether all that was submitted is kept, to run it again
     */
    StoredTexts keep(@Nullable TaskFailures failures, boolean isWhole) {
        StoredTexts made = new StoredTexts(
                input(), FailureText.kinds(failures), FailureText.all(failures), isWhole ? object.toJson() : null);
        kept = made;
        return made;
    }

    /** What is kept of it. */
    StoredTexts kept() {
        return kept == null ? keep(null, false) : kept;
    }
}
