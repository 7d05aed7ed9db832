package io.divvy.store.sqlite;

import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import io.divvy.store.ListQuery;
import io.divvy.store.TaskFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists finished tasks, a part at a time. A part is bounded in the tasks that it looks at and in time, so that nobody waits
 * for long behind a list, whatever it filters.
 */
final class ListStatements {
    private static final Logger LOG = LoggerFactory.getLogger(ListStatements.class);

    /** Tasks that one page looks at, at most: those that the database filters take some milliseconds. */
    static final int TASKS_PER_PAGE = 10_000;

    /** After so long a page ends with what it has, as others wait. */
    private static final long NANOS_PER_PAGE = TimeUnit.MILLISECONDS.toNanos(50);

    private static final TaskPosition NEWEST = new TaskPosition(Long.MAX_VALUE, new TaskId(""));
    private static final TaskPosition OLDEST = new TaskPosition(Long.MIN_VALUE, new TaskId(""));

    private static final String WITHIN =
            " WHERE finished_ms IS NOT NULL AND (submitted_ms, id) < (?, ?) AND (submitted_ms, id) >= (?, ?)";
    private static final String NEWEST_FIRST = " ORDER BY submitted_ms DESC, id DESC";

    private final Connection connection;
    private final String tasks;
    private final PreparedStatement positions;
    private final PreparedStatement horizon;
    private final DamageLog damage;
    private final IdEndLookup ends;
    private PreparedStatement list;

    /** @param tasks reads the columns of {@link ReadStatements.Found} */
    ListStatements(Connection connection, String tasks, DamageLog damage) throws SQLException {
        this.connection = connection;
        this.tasks = tasks;
        this.damage = damage;
        list = prepareList();
        // What these need is in the index: no row is looked at, be it damaged.
        positions = connection.prepareStatement("SELECT submitted_ms, id, key FROM task" + WITHIN + NEWEST_FIRST);
        horizon = connection.prepareStatement("""
                SELECT submitted_ms, id FROM task WHERE finished_ms IS NOT NULL AND (submitted_ms, id) < (?, ?)
                    ORDER BY submitted_ms DESC, id DESC LIMIT 1 OFFSET ?
                """);
        ends = new IdEndLookup(connection, new IdEnds());
    }

    private PreparedStatement prepareList() throws SQLException {
        return connection.prepareStatement(tasks + WITHIN + " AND (? IS NULL OR substr(id, -length(?)) = ?)"
                + " AND (? IS NULL OR state = ?) AND (? IS NULL OR type = ?)" + NEWEST_FIRST);
    }

    /**
     * What a page shows, without results.
     *
     * @param next where the list goes on, or null at its end
     */
    record Part(List<ReadStatements.Found> tasks, @Nullable TaskPosition next) {}

    /** A part of the list. A task that cannot be read is left out. */
    Part page(ListQuery query) throws SQLException {
        TaskPosition from = query.after() == null ? NEWEST : query.after();
        String idEnd = query.filter().idEnd();
        if (idEnd != null && ends.knows(idEnd)) {
            return ofEnd(query, idEnd, from);
        }
        TaskPosition horizon = horizon(from);
        try {
            return page(query, from, horizon);
        } catch (SQLException e) {
            LOG.debug("a list met a row that cannot be read; it is read around it", e);
            list.close();
            list = prepareList(); // The driver ends a statement that fails.
            return pageAroundDamage(query, from, horizon);
        }
    }

    private Part ofEnd(ListQuery query, String idEnd, TaskPosition from) {
        try {
            // What it has may turn out to be too much for it.
            if (ends.hasAll() && ends.knows(idEnd)) {
                return rows(ends.find(idEnd), query, from);
            }
        } catch (SQLException e) {
            LOG.debug("a row could not be read by the end of its id; from now on all are looked at for that", e);
            ends.giveUp();
        }
        return new Part(List.of(), from);
    }

    private Part rows(long[] keys, ListQuery query, TaskPosition from) throws SQLException {
        Collected collected = new Collected(query, damage);
        try (PreparedStatement atKey =
                connection.prepareStatement(tasks + " WHERE key = ? AND finished_ms IS NOT NULL")) {
            for (long key : keys) {
                if (collected.isFull()) {
                    return new Part(collected.tasks, collected.last);
                }
                new Bindings(atKey).number(key);
                try (ResultSet row = atKey.executeQuery()) {
                    if (row.next() && TaskColumns.position(row).compareTo(from) > 0) {
                        collected.look(TaskColumns.position(row), row);
                    }
                }
            }
        }
        return new Part(collected.tasks, null);
    }

    private Part page(ListQuery query, TaskPosition from, @Nullable TaskPosition horizon) throws SQLException {
        TaskFilter filter = query.filter();
        String state = filter.state() == null ? null : TaskColumns.name(filter.state());
        bindRange(list, from, horizon)
                .text(filter.idEnd())
                .text(filter.idEnd())
                .text(filter.idEnd())
                .text(state)
                .text(state)
                .text(filter.type())
                .text(filter.type());
        Collected collected = new Collected(query, damage);
        try (ResultSet row = list.executeQuery()) {
            while (!collected.isFull()) {
                if (!row.next()) {
                    return new Part(collected.tasks, horizon);
                }
                collected.look(TaskColumns.position(row), row);
            }
            return new Part(collected.tasks, collected.last);
        }
    }

    private Part pageAroundDamage(ListQuery query, TaskPosition from, @Nullable TaskPosition horizon)
            throws SQLException {
        bindRange(positions, from, horizon);
        Collected collected = new Collected(query, damage);
        try (ResultSet next = positions.executeQuery()) {
            while (!collected.isFull()) {
                if (!next.next()) {
                    return new Part(collected.tasks, horizon);
                }
                TaskPosition position = new TaskPosition(next.getLong(1), new TaskId(next.getString(2)));
                try {
                    look(position, next.getLong(3), collected);
                } catch (SQLException e) {
                    collected.skip(position, e);
                }
            }
            return new Part(collected.tasks, collected.last);
        }
    }

    private void look(TaskPosition position, long key, Collected collected) throws SQLException {
        try (PreparedStatement atKey = connection.prepareStatement(tasks + " WHERE key = ?")) {
            new Bindings(atKey).number(key);
            try (ResultSet row = atKey.executeQuery()) {
                if (row.next()) {
                    collected.look(position, row);
                }
            }
        }
    }

    private static Bindings bindRange(PreparedStatement statement, TaskPosition from, @Nullable TaskPosition horizon)
            throws SQLException {
        TaskPosition to = horizon == null ? OLDEST : horizon;
        return new Bindings(statement)
                .number(from.submittedMs())
                .text(from.id().value())
                .number(to.submittedMs())
                .text(to.id().value());
    }

    /** The last task that a page looks at, or null if it looks at all. */
    private @Nullable TaskPosition horizon(TaskPosition from) throws SQLException {
        new Bindings(horizon).number(from.submittedMs()).text(from.id().value()).number(TASKS_PER_PAGE - 1);
        try (ResultSet found = horizon.executeQuery()) {
            return found.next() ? new TaskPosition(found.getLong(1), new TaskId(found.getString(2))) : null;
        }
    }

    /** What a page has so far. */
    private static final class Collected {
        private final ListQuery query;
        private final DamageLog damage;
        private final long untilNs = System.nanoTime() + NANOS_PER_PAGE;
        private final List<ReadStatements.Found> tasks = new ArrayList<>();
        /** The last one that was looked at. */
        private @Nullable TaskPosition last;

        private boolean hasLooked;
        private long resultBytes;

        Collected(ListQuery query, DamageLog damage) {
            this.query = query;
            this.damage = damage;
            this.last = query.after();
        }

        /** It gets somewhere, however slow that is. */
        boolean isFull() {
            return tasks.size() == query.atMost()
                    || hasLooked && (resultBytes >= query.mostResultBytes() || System.nanoTime() - untilNs >= 0);
        }

        void look(TaskPosition position, ResultSet row) throws SQLException {
            try {
                if (hasLabels(row)) {
                    ReadStatements.Found found = ReadStatements.read(row);
                    if (query.filter().matches(found.task().task(), found.task().notes())) {
                        tasks.add(found);
                        resultBytes += found.hasResultUpTo(query.longestResultBytes()) ? found.resultBytes() : 0;
                    }
                }
                looked(position);
            } catch (RuntimeException e) {
                skip(position, e);
            }
        }

        /** Looked at before the rest of the row: most of what a filter leaves out costs no more than that. */
        private boolean hasLabels(ResultSet row) throws SQLException {
            Map<String, String> wanted = query.filter().labels();
            return wanted.isEmpty() || TaskColumns.labels(row).entrySet().containsAll(wanted.entrySet());
        }

        void skip(TaskPosition position, Exception why) {
            damage.add("task " + position.id(), why);
            looked(position);
        }

        private void looked(TaskPosition position) {
            last = position;
            hasLooked = true;
        }
    }
}
