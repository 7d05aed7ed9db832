package io.divvy.server;

import io.divvy.scheduler.Event;
import io.divvy.store.TaskStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the store is: the core stops taking tasks while it fails, and who asks is told why. */
final class StoreHealth implements TaskStore.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);

    private final SchedulerDriver driver;
    private final Runnable stop;
    private volatile @Nullable String failure;

    /** @param stop called when what is stored is not this server's any more */
    StoreHealth(SchedulerDriver driver, Runnable stop) {
        this.driver = driver;
        this.stop = stop;
    }

    /** Why nothing can be saved now, or null if all is well. */
    @Nullable
    String failure() {
        return failure;
    }

    @Override
    public void failing(String why) {
        LOG.error("tasks cannot be saved: {}. New ones are refused until that is over; what runs goes on", why);
        failure = why;
        driver.handleOwn(new Event.StoreFailing("tasks cannot be saved now: " + why + "; try again later"));
    }

    @Override
    public void recovered() {
        LOG.info("tasks can be saved again");
        failure = null;
        driver.handleOwn(new Event.StoreRecovered());
    }

    @Override
    public void lost(String why) {
        LOG.error("{}; this server stops", why);
        failure = why;
        stop.run();
    }
}
