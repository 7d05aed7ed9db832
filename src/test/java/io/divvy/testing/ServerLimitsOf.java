package io.divvy.testing;

import io.divvy.server.ServerLimits;

/** The usual limits of the server with one of them set so low that a test reaches it. */
public final class ServerLimitsOf {
    private ServerLimitsOf() {}

    public static ServerLimits with(String limit, long value) {
        return with(ServerLimits.DEFAULT, limit, value);
    }

    /** The same limits but for the one of that name. */
    public static ServerLimits with(ServerLimits limits, String limit, long value) {
        return RecordOf.with(limits, limit, value);
    }

    public static ServerLimits declaredTypeBytes(long most) {
        return with("declaredTypeBytes", most);
    }

    public static ServerLimits tasksPerSender(int most) {
        return with("tasksPerSender", most);
    }
}
