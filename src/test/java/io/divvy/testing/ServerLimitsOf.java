package io.divvy.testing;

import io.divvy.server.ServerLimits;
import java.util.function.Consumer;

/** The usual limits of the server with some of them set so low that a test reaches them. */
public final class ServerLimitsOf {
    private ServerLimitsOf() {}

    public static ServerLimits with(Consumer<ServerLimits.Draft> changes) {
        return ServerLimits.DEFAULT.with(changes);
    }

    /** The same limits but for those that are changed. */
    public static ServerLimits with(ServerLimits limits, Consumer<ServerLimits.Draft> changes) {
        return limits.with(changes);
    }

    public static ServerLimits declaredTypeBytes(long most) {
        return with(draft -> draft.declaredTypeBytes = most);
    }

    public static ServerLimits tasksPerSender(int most) {
        return with(draft -> draft.tasksPerSender = most);
    }
}
