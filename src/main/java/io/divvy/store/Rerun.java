package io.divvy.store;

import java.util.List;

/**
 * What there is of a finished task to run it again.
 *
 * @param task its texts have all that was submitted, if that is kept; without its result
 * @param done chunks of which something is done; none if that is not kept
 */
public record Rerun(StoredTask task, List<ChunkRow> done) {}
