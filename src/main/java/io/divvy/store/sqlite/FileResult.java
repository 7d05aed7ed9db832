package io.divvy.store.sqlite;

import io.divvy.state.TaskId;
import io.divvy.store.ReadFailure;
import io.divvy.store.StoredResult;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/** A result in the file, of which the reader reads a piece whenever somebody asks for one. */
final class FileResult implements StoredResult {
    private final Reader reader;
    private final TaskId id;
    private final long key;
    private final long length;

    /** @param key of the row of the task, which no other task ever has */
    FileResult(Reader reader, TaskId id, long key, long length) {
        this.reader = reader;
        this.id = id;
        this.key = key;
        this.length = length;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public CompletableFuture<ByteBuffer> read(long from) {
        CompletableFuture<ByteBuffer> piece = new CompletableFuture<>();
        reader.add(new Reader.Read() {
            @Override
            public String what() {
                return "the result of task " + id;
            }

            @Override
            public void from(ReadStatements statements) throws SQLException {
                ByteBuffer read = statements.piece(key, from);
                if (read == null) {
                    piece.completeExceptionally(new ResultGoneException());
                } else {
                    piece.complete(read);
                }
            }

            @Override
            public void failed(ReadFailure failure) {
                piece.completeExceptionally(new UnreadableException(failure));
            }
        });
        return piece;
    }
}
