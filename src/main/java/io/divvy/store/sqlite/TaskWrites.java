package io.divvy.store.sqlite;

import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.store.ChunkRow;
import io.divvy.store.NewTask;
import io.divvy.store.StoredTask;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that one transaction writes of one task. What gathered is merged before: a chunk is written once however often it
 * advanced, and not at all if the task ended meanwhile.
 */
final class TaskWrites {
    private final String id;
    private @Nullable NewTask created;
    private long key;
    private @Nullable TaskPatch patch;
    private @Nullable TaskProgress progress;
    private final TreeMap<Integer, ChunkWrite> chunks = new TreeMap<>();
    private @Nullable StoredTask finished;

    /** Whether an earlier transaction may have written progress of it. */
    private boolean hasProgress;

    private boolean isDeleted;

    /** Whether an attempt to delete it met a row, be it one whose outcome nobody knows. */
    private boolean wasThere;

    private @Nullable String refusedWhy;

    /** A chunk as it is to be, if it is stored as it was before {@code firstSeq}. */
    private record ChunkWrite(long firstSeq, ChunkRow row) {
        ChunkWrite then(ChunkRow next) {
            List<ChunkRow.PartRow> parts = new ArrayList<>(row.parts());
            parts.addAll(next.parts());
            return new ChunkWrite(firstSeq, next.withParts(parts));
        }
    }

    TaskWrites(String id) {
        this.id = id;
    }

    /** @param key that its row gets */
    void create(NewTask task, long key) {
        created = task;
        this.key = key;
    }

    void patch(TaskPatch next) {
        patch = patch == null ? next : patch.then(next);
    }

    void advance(TaskProgress newProgress, Collection<ChunkRow> rows) throws LostException {
        progress = newProgress;
        for (ChunkRow row : rows) {
            ChunkWrite before = chunks.get(row.number());
            if (before != null && row.seq() != before.row().seq() + 1) {
                throw new LostException("chunk " + row.number() + " of task " + id + " went from seq "
                        + before.row().seq() + " to seq " + row.seq() + ", expected the next");
            }
            chunks.put(row.number(), before == null ? new ChunkWrite(row.seq(), row) : before.then(row));
        }
    }

    /** @param hasProgress whether an earlier transaction may have written progress of the task */
    void finish(StoredTask task, boolean hasProgress) {
        finished = task;
        this.hasProgress = hasProgress;
    }

    void delete() {
        isDeleted = true;
    }

    boolean isCreated() {
        return created != null;
    }

    /** The key of a created task. */
    long key() {
        return key;
    }

    boolean isDeleted() {
        return isDeleted;
    }

    boolean wasThere() {
        return wasThere;
    }

    /** Why there is no such task, though it was to be created; or null. */
    @Nullable
    String refusedWhy() {
        return refusedWhy;
    }

    /**
     * Writes it. Each statement is one that may be given twice: if the first time was committed though nobody said so, the
     * second finds what it wanted to write.
     */
    void writeTo(WriteStatements to, Retained.Change retained) throws SQLException, LostException {
        boolean keepsChunks = finished != null && finished.texts().whole() != null;
        if (created != null && !to.create(key, created, keepsChunks ? null : finished)) {
            refusedWhy = "a task is stored under its id or its key already";
            return;
        }
        boolean isPatched = patch == null || to.patch(id, patch);
        if (finished == null) {
            if (!isPatched) {
                throw lost(to);
            }
            advance(to);
        } else {
            if (keepsChunks) {
                finishWithChunks(to, finished);
            } else if (created == null) {
                finish(to, finished);
            }
            retained.added(finished);
        }
        if (isDeleted) {
            delete(to, retained);
        }
    }

    private void delete(WriteStatements to, Retained.Change retained) throws SQLException {
        wasThere |= to.delete(id);
        if (wasThere) {
            retained.removed(1);
        }
    }

    private void advance(WriteStatements to) throws SQLException, LostException {
        if (progress == null) {
            return;
        }
        long task = to.advance(id, progress);
        if (task == WriteStatements.NO_ROW) {
            throw lost(to);
        }
        for (ChunkWrite chunk : chunks.values()) {
            ChunkRow row = chunk.row();
            boolean isWritten =
                    chunk.firstSeq() == 1 ? to.insertChunk(task, row) : to.updateChunk(task, chunk.firstSeq() - 1, row);
            if (isWritten) {
                writeParts(to, task, row);
            } else if (to.seqOfChunk(task, row.number()) != row.seq()) {
                throw new LostException("chunk " + row.number() + " of task " + id + " is stored with seq "
                        + to.seqOfChunk(task, row.number()) + ", expected " + (chunk.firstSeq() - 1));
            }
        }
    }

    private static void writeParts(WriteStatements to, long task, ChunkRow row) throws SQLException {
        to.deleteFoldedParts(task, row.number(), row.foldedTo());
        for (ChunkRow.PartRow part : row.parts()) {
            if (part.to() > row.foldedTo()) {
                to.insertPart(task, row.number(), part);
            }
        }
    }

    private void finish(WriteStatements to, StoredTask task) throws SQLException, LostException {
        if (!to.finish(task) && !to.isFinished(task)) {
            throw lost(to);
        }
        if (hasProgress) {
            to.reruns().orphaned(to.keyOf(id));
        }
    }

    private void finishWithChunks(WriteStatements to, StoredTask task) throws SQLException, LostException {
        byte[] whole = task.texts().whole();
        if (whole == null || to.isFinished(task)) {
            return;
        }
        advance(to);
        if (!to.finish(task)) {
            throw lost(to);
        }
        to.reruns().insert(to.keyOf(id), whole);
    }

    private LostException lost(WriteStatements to) throws SQLException {
        return new LostException("task " + id + " is not ours any more: its row is " + to.describe(id));
    }
}
