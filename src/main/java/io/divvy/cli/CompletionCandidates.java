package io.divvy.cli;

import io.divvy.protocol.CombineMode;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.task.TaskTypes;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** What shells offer as values. None of it is a check: the server says which values it takes. */
final class CompletionCandidates {
    private CompletionCandidates() {}

    private static Iterator<String> written(Enum<?>[] values) {
        return Arrays.stream(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .iterator();
    }

    /** Shells that {@code divvy completion} knows. */
    static final class Shells implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("bash", "zsh", "fish").iterator();
        }
    }

    /** Task types that every server has. */
    static final class ShippedTypes implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return TaskTypes.builtin().names().stream().sorted().iterator();
        }
    }

    /** What a task may be. */
    static final class States implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return TaskView.STATES.iterator();
        }
    }

    /** Ways to combine results. */
    static final class CombineModes implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return written(CombineMode.values());
        }
    }

    /** What is done about a subtask that is out of attempts. */
    static final class FailurePolicies implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return written(TaskObject.OnFailure.values());
        }
    }

    /** Where a server keeps its tasks. */
    static final class Stores implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("sqlite", "memory").iterator();
        }
    }
}
