package io.divvy.server.session;

import io.divvy.protocol.ResultValues;
import io.divvy.state.Results;

/** What a worker answered, on its way through the core. */
public record ArrivedResults(ResultValues values) implements Results {
    @Override
    public long sizeBytes() {
        return values.sizeBytes();
    }

    @Override
    public int firstNonNull(int from, int to) {
        return values.firstNonNull(from, to);
    }
}
