package io.divvy.store;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A result in memory that goes with its task, however many are in the middle of reading it. */
final class MemoryResult implements StoredResult {
    private final long length;
    private volatile byte @Nullable [] bytes;

    MemoryResult(byte[] bytes) {
        this.length = bytes.length;
        this.bytes = bytes;
    }

    /** Whoever reads on hears that it is gone. */
    void forget() {
        bytes = null;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public CompletableFuture<ByteBuffer> read(long from) {
        byte[] kept = bytes;
        return kept == null
                ? CompletableFuture.failedFuture(new ResultGoneException())
                : StoredResult.of(kept).read(from);
    }
}
