package io.divvy.scheduler;

import io.divvy.scheduler.Quarantine.Subtask;
import io.divvy.state.Range;
import java.util.ArrayList;
import java.util.List;

/**
 * What a worker's death says of the subtasks that it can have been running. They are suspects: leased singly, and from the
 * second such death on to a worker that runs nothing else. Only the deaths of workers that ran nothing else count against a
 * subtask, and {@link Trials} says when they are enough.
 *
 * <p>A connection that is lost looks the same. When the same instance of the worker comes back, what counted for its death is
 * taken back, as if it had never been away; but not for ever on its word alone.
 */
final class WorkerDeaths {
    private final Outbox outbox;
    private final Trials trials;
    private final Quarantine quarantine;
    private final Accounting accounting;
    private final Losses losses;

    WorkerDeaths(CoreContext core, Trials trials, Quarantine quarantine, Accounting accounting) {
        this.outbox = core.outbox();
        this.losses = new Losses(core.limits());
        this.trials = trials;
        this.quarantine = quarantine;
        this.accounting = accounting;
    }

    /** A subtask that a worker can have been running. */
    record Running(Lease lease, long index) {
        boolean wasSuspected() {
            return lease.task.histories.isSuspect(index);
        }

        /** Somebody else may have answered it, and the one before it may have failed the task. */
        boolean isGivenBack() {
            return lease.task.isActive() && lease.task.indexes.isGivenBack(lease.chunk, index);
        }
    }

    /** What a worker that goes away can have died of: the lowest unanswered indexes, as many as it has slots. */
    static List<Running> running(WorkerView worker) {
        List<Running> running = new ArrayList<>();
        if (!worker.canDie()) {
            return running;
        }
        // A slot that stood still until its lease's time was up is not known to have begun anything else.
        int slots = worker.headway.owes() ? worker.slots - 1 : worker.slots;
        for (Lease lease : worker.leases.values()) {
            if (!lease.isAssigned) {
                continue;
            }
            for (Range range : lease.unanswered.toList()) {
                for (long index = range.from(); index < range.to(); index++) {
                    if (running.size() >= slots) {
                        return running;
                    }
                    running.add(new Running(lease, index));
                }
            }
        }
        return running;
    }

    /**
     * A worker is gone that ran these; its leases have ended by now.
     *
     * @param reason why its connection ended
     */
    void count(WorkerView worker, List<Running> running, String reason) {
        Subtask brokeWith = worker.brokeProtocolWith();
        if (brokeWith != null) {
            losses.forget(worker.identity);
            quarantine.died(worker, List.of(brokeWith));
            return;
        }
        if (running.isEmpty()) {
            quarantine.leftInPeace(worker);
            return;
        }
        quarantine.died(
                worker,
                running.stream()
                        .map(ran -> new Subtask(ran.lease.task.spec.id(), ran.index))
                        .toList());
        List<Losses.Suspect> suspects;
        if (running.size() == 1) {
            suspects = countAlone(worker, running.get(0), reason);
        } else {
            suspects = countAmongOthers(running);
        }
        losses.add(worker, suspects, outbox.nowMs());
    }

    private List<Losses.Suspect> countAmongOthers(List<Running> running) {
        // What was suspected before is likelier to be it than what ran beside that.
        List<Running> suspected = running.stream().filter(Running::wasSuspected).toList();
        List<Losses.Suspect> counted = new ArrayList<>();
        for (Running suspect : suspected.isEmpty() ? running : suspected) {
            if (suspect.isGivenBack()) {
                suspect.lease.task.countRetry();
                SubtaskHistory history = accounting.suspect(suspect.lease.task, suspect.lease.chunk, suspect.index);
                history.staysAlone |= suspect.lease.isTrial; // Or company could put off a verdict for ever.
                counted.add(new Losses.Suspect(suspect.lease.task.spec.id(), suspect.index, false, false));
            }
        }
        return counted;
    }

    private List<Losses.Suspect> countAlone(WorkerView worker, Running ran, String reason) {
        if (!ran.isGivenBack()) {
            return List.of();
        }
        TaskState task = ran.lease.task;
        SubtaskHistory history = accounting.suspect(task, ran.lease.chunk, ran.index);
        Deaths deaths = history.deaths;
        if (deaths == null) {
            deaths = new Deaths(outbox.nowMs());
            history.deaths = deaths;
        }
        deaths.add(worker.identity, reason);
        boolean isFirst = !history.hasMet(worker.identity);
        history.meet(worker.identity);
        quarantine.diedAlone(worker, deaths);
        if (trials.isPoison(history, worker, task.spec.type())) {
            accounting.convict(task, ran.lease.chunk, ran.index, worker, deaths);
        } else {
            task.countRetry();
        }
        return List.of(new Losses.Suspect(task.spec.id(), ran.index, true, isFirst));
    }

    /** A worker joins, which gets nothing yet if its name is quarantined. */
    void join(WorkerView worker) {
        takeBack(worker);
        quarantine.join(worker);
    }

    /** The worker is gone, whyever. */
    void leave(WorkerView worker) {
        quarantine.leave(worker);
    }

    /** What the process ended with that died last under this name. */
    void tellExitCode(WorkerIdentity worker, int exitCode) {
        quarantine.tellExitCode(worker, exitCode);
    }

    /** If the worker is the one that was lost last under its name, it did not die. */
    private void takeBack(WorkerView worker) {
        List<Losses.Suspect> suspects = losses.take(worker, outbox.nowMs());
        if (suspects == null) {
            return;
        }
        quarantine.takeBack(worker.identity);
        for (Losses.Suspect suspect : suspects) {
            accounting.takeBack(suspect, worker.identity);
        }
    }

    /** Of how many worker names a loss is remembered. For tests. */
    int rememberedLosses() {
        return losses.names();
    }

    /** How many worker names are remembered for deaths. For tests. */
    int rememberedNames() {
        return quarantine.names();
    }
}
