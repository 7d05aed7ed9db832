package io.divvy.server.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.guard.Guard;
import io.divvy.guard.Outcome;
import io.divvy.protocol.ResultValues;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A task that has not ended, as the session of a worker sees it: somebody has to say which results can be combined. */
public interface OpenTask {
    String type();

    /** Whether nothing is wrong with any of these results, where that can be said without more ado. */
    boolean takesAtOnce(ResultValues results);

    /**
     * Looks at these results, where and when those of the task are combined.
     *
     * @param look runs there: {@link #complaint} and {@link #complaintAboutFolded} are to be called by it alone
     * @param then hears on the loop what it gave
     */
    void inspect(ResultValues results, Guard.Code<Runnable> look, Consumer<Outcome<Runnable>> then);

    /** What is wrong with a result, or null. */
    @Nullable
    String complaint(JsonNode result);

    /** What is wrong with a result that a worker folded, or null. */
    @Nullable
    String complaintAboutFolded(JsonNode folded);

    /** Whether it has ended meanwhile. */
    boolean hasEnded();
}
