package io.divvy.scheduler;

import io.divvy.state.FailedAttempt;
import io.divvy.state.FailedAttempt.Verdict;
import io.divvy.state.FailureKind;
import io.divvy.state.TaskFailures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of the failed attempts of one task, for people: what kinds there are, and the last one of each subtask. It
 * decides nothing. Where there is no room for more, subtasks that were given up are remembered before those that were tried
 * again, and those that failed first before later ones; the others are counted.
 */
final class FailureLog {
    /** More different reasons are not read by anybody. */
    static final int MOST_KINDS = 10;

    private static final int MOST_KIND_CHARS = 200;
    private static final int MOST_EXAMPLE_CHARS = 500;

    /** A place in a map, the records, and the headers of their texts. */
    private static final long ATTEMPT_BYTES = 320;

    private static final long KIND_BYTES = 500;

    private final FailureRoom room;
    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final NavigableMap<Long, FailedAttempt> attempts = new TreeMap<>();
    /** Of {@link #attempts}. */
    private long bytes;
    /** Of those, how many were tried again. */
    private int retried;

    private long kindBytes;
    private long ofOtherKinds;
    private long dropped;

    private static final class Kind {
        private final String message;
        private final boolean isPoisonous;
        private FailedAttempt example;
        private long attempts;
        private long subtasks;

        Kind(String message, FailedAttempt first) {
            this.message = message;
            this.isPoisonous = first.verdict() == Verdict.POISONOUS;
            this.example = first;
        }

        FailureKind toState() {
            return new FailureKind(message, isPoisonous, attempts, subtasks, example);
        }
    }

    FailureLog(FailureRoom room) {
        this.room = room;
    }

    void add(FailedAttempt failed) {
        count(failed);
        FailedAttempt before = attempts.remove(failed.index());
        if (before != null) {
            removed(before);
        }
        // So that at least half of them are known by their messages, however long what workers say beside these is.
        FailedAttempt kept = bytes > room.taskBytes() / 2 ? failed.withoutDetail() : failed;
        long needed = bytesOf(kept);
        if (kept.isFinal()) {
            makeRoom(needed);
        }
        if (!hasRoom(needed)) {
            dropped++;
            return;
        }
        attempts.put(kept.index(), kept);
        retried += kept.isFinal() ? 0 : 1;
        change(needed);
    }

    private void count(FailedAttempt failed) {
        String message = withoutNumbers(failed.said().message());
        String key = (failed.verdict() == Verdict.POISONOUS ? "poisonous " : "") + message;
        Kind kind = kinds.get(key);
        if (kind == null) {
            kind = newKind(key, message, failed);
            if (kind == null) {
                ofOtherKinds++;
                return;
            }
        }
        kind.attempts++;
        if (failed.isFinal()) {
            kind.example = kind.subtasks == 0 ? example(failed) : kind.example;
            kind.subtasks++;
        }
    }

    private @Nullable Kind newKind(String key, String message, FailedAttempt failed) {
        long needed = KIND_BYTES + 2L * (2 * MOST_KIND_CHARS + MOST_EXAMPLE_CHARS);
        if (kinds.size() == MOST_KINDS || !room.hasRoomForKind(needed)) {
            return null;
        }
        Kind kind = new Kind(message, example(failed));
        kinds.put(key, kind);
        kindBytes += needed;
        room.change(needed);
        return kind;
    }

    private static FailedAttempt example(FailedAttempt failed) {
        FailedAttempt.Said said = failed.said();
        return new FailedAttempt(
                failed.index(),
                failed.attempts(),
                failed.verdict(),
                new FailedAttempt.Said(said.worker(), bounded(said.message(), MOST_EXAMPLE_CHARS), null),
                failed.atMs());
    }

    /** Such as {@code row # of #: no such file}: messages that differ by their numbers only have one. */
    static String withoutNumbers(String message) {
        StringBuilder text = new StringBuilder();
        boolean isInNumber = false;
        for (int i = 0; i < message.length() && text.length() < MOST_KIND_CHARS; i++) {
            char next = message.charAt(i);
            boolean isDigit = next >= '0' && next <= '9';
            if (!isDigit || !isInNumber) {
                text.append(isDigit ? '#' : next);
            }
            isInNumber = isDigit;
        }
        return text.toString();
    }

    private static String bounded(String text, int chars) {
        return text.length() <= chars ? text : text.substring(0, chars) + "…";
    }

    /** Forgets some that were tried again, those of the highest indexes. */
    private void makeRoom(long needed) {
        if (retried == 0 || hasRoom(needed)) {
            return;
        }
        for (FailedAttempt each : List.copyOf(attempts.descendingMap().values())) {
            if (!each.isFinal()) {
                attempts.remove(each.index());
                removed(each);
                dropped++;
                if (retried == 0 || hasRoom(needed)) {
                    return;
                }
            }
        }
    }

    private boolean hasRoom(long more) {
        return bytes + more <= room.taskBytes() && room.hasRoom(more);
    }

    private void removed(FailedAttempt attempt) {
        retried -= attempt.isFinal() ? 0 : 1;
        change(-bytesOf(attempt));
    }

    private void change(long by) {
        bytes += by;
        room.change(by);
    }

    private static long bytesOf(FailedAttempt attempt) {
        FailedAttempt.Said said = attempt.said();
        String detail = said.detail();
        long chars = (long) said.worker().length() + said.message().length() + (detail == null ? 0 : detail.length());
        return ATTEMPT_BYTES + 2 * chars;
    }

    TaskFailures view() {
        return new TaskFailures(
                kinds.values().stream().map(Kind::toState).toList(),
                ofOtherKinds,
                List.copyOf(attempts.values()),
                dropped);
    }

    /** Its task has left the core. */
    void end() {
        room.change(-bytes - kindBytes);
        bytes = 0;
        kindBytes = 0;
    }
}
