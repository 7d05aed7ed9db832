package io.divvy.scheduler;

/**
 * Which worker it is, across its connections: the host that it connects from, and its name there. Of the workers that are
 * connected no two have the same. One that connects again has the same as before, so that what it did is still known.
 *
 * @param host without the port, or empty where the system does not say
 */
public record WorkerIdentity(String host, String name) {
    @Override
    public String toString() {
        return host.isEmpty() ? name : name + " at " + host;
    }
}
