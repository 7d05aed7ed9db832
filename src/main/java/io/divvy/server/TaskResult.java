package io.divvy.server;

import io.divvy.protocol.ErrorCode;
import io.divvy.protocol.RefusedException;
import io.divvy.state.TaskSnapshot;
import io.divvy.store.StoredResult;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What there is of the result of a task.
 *
 * @param state as in the task's view
 * @param version names the task and the moment of its end: another one has another result, also where a task is done again after
 *     its server went back to a backup. Of letters, digits, {@code -} and {@code .}
 * @param json the result as it is stored, set exactly when the task completed
 */
public record TaskResult(
        String state,
        boolean isFinished,
        String version,
        @Nullable Pieces json) {
    static TaskResult of(TaskSnapshot task, @Nullable StoredResult stored) {
        return new TaskResult(
                task.state().name().toLowerCase(Locale.ROOT),
                task.state().isTerminal(),
                task.spec().id().value() + "." + task.finishedMs(),
                stored == null ? null : new Pieces(stored));
    }

    /** A result that is read piece by piece, whatever its length. From any thread. */
    public static final class Pieces {
        /** The longest piece. */
        public static final int MAX_BYTES = StoredResult.PIECE_BYTES;

        private final StoredResult stored;

        Pieces(StoredResult stored) {
            this.stored = stored;
        }

        /** A result that is in memory. */
        public static Pieces of(byte[] json) {
            return new Pieces(StoredResult.of(json));
        }

        /** The bytes of all pieces. */
        public long length() {
            return stored.length();
        }

        /**
         * The piece that begins at a byte, from an array that nobody changes. It may complete on a thread that has no time
         * for what follows. Fails with {@code not_found} if the task was deleted meanwhile, and otherwise if the piece
         * cannot be read.
         */
        public CompletableFuture<ByteBuffer> read(long from) {
            return stored.read(from)
                    .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                            failure instanceof StoredResult.ResultGoneException
                                    ? new RefusedException(
                                            ErrorCode.NOT_FOUND, String.valueOf(failure.getMessage()), null)
                                    : failure));
        }
    }
}
