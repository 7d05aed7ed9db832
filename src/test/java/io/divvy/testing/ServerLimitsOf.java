package io.divvy.testing;

import io.divvy.server.ServerLimits;

/** The usual limits of the server with one of them set so low that a test reaches it. */
public final class ServerLimitsOf {
    private ServerLimitsOf() {}

    public static ServerLimits declaredTypeBytes(long most) {
        ServerLimits usual = ServerLimits.DEFAULT;
        return new ServerLimits(
                usual.assignBytes(),
                usual.payloadBytes(),
                usual.answerBytes(),
                usual.inlineResultBytes(),
                usual.pageResultBytes(),
                usual.heartbeatMs(),
                usual.noTaskMs(),
                usual.tasksPerSender(),
                usual.idleSenderMs(),
                most,
                usual.types());
    }

    public static ServerLimits tasksPerSender(int most) {
        ServerLimits usual = ServerLimits.DEFAULT;
        return new ServerLimits(
                usual.assignBytes(),
                usual.payloadBytes(),
                usual.answerBytes(),
                usual.inlineResultBytes(),
                usual.pageResultBytes(),
                usual.heartbeatMs(),
                usual.noTaskMs(),
                most,
                usual.idleSenderMs(),
                usual.declaredTypeBytes(),
                usual.types());
    }
}
