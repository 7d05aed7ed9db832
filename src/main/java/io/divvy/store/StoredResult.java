package io.divvy.store;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * The result of a finished task, which is read piece by piece, so that nobody has to hold all of it. Nothing is held between
 * two pieces, so it need not be closed. From any thread.
 */
public interface StoredResult {
    /** The longest piece: short enough to be read between two that others wait for. */
    int PIECE_BYTES = 1 << 18;

    /** The bytes of the whole, which is JSON. */
    long length();

    /**
     * A piece that begins there, with at least one byte; nobody changes it. It may complete on a thread of the store, which
     * has no time for what follows.
     *
     * <p>Fails with {@link ResultGoneException} if the task was deleted meanwhile, and with {@link UnreadableException} if
     * the piece cannot be read.
     *
     * @param from a position in the result, below {@link #length}
     */
    CompletableFuture<ByteBuffer> read(long from);

    /** A result that is in memory anyway. It is shared, not copied. */
    static StoredResult of(byte[] bytes) {
        return new StoredResult() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public CompletableFuture<ByteBuffer> read(long from) {
                int length = (int) Math.min(PIECE_BYTES, bytes.length - from);
                return CompletableFuture.completedFuture(ByteBuffer.wrap(bytes, (int) from, length));
            }
        };
    }

    /** The task was deleted while its result was read. */
    final class ResultGoneException extends Exception {
        private static final long serialVersionUID = 1;

        public ResultGoneException() {
            super("the task was deleted while its result was read");
        }
    }

    /** A piece of it cannot be read. */
    final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;

        public UnreadableException(ReadFailure failure) {
            super(failure.message());
        }
    }
}
