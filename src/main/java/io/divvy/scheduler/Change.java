package io.divvy.scheduler;

import io.divvy.state.ChunkProgress;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskProgress;
import io.divvy.state.TaskSnapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A change of the truth that has to survive. */
public sealed interface Change {

    void dispatch(Handler handler);

    /** One method for each kind of change, so that the compiler knows when one is forgotten. */
    interface Handler {
        void on(TaskCreated change);

        void on(TaskPatched change);

        void on(TaskAdvanced change);

        void on(TaskFinished change);
    }

    record TaskCreated(TaskSnapshot task) implements Change {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    record TaskPatched(TaskId task, TaskPatch patch) implements Change {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** @param chunks those of which something changed, each as it stands now */
    record TaskAdvanced(TaskId task, TaskProgress progress, List<ChunkProgress> chunks) implements Change {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }

    /** @param answer set exactly when the task completed */
    record TaskFinished(TaskSnapshot task, @Nullable Answer answer) implements Change {
        @Override
        public void dispatch(Handler handler) {
            handler.on(this);
        }
    }
}
