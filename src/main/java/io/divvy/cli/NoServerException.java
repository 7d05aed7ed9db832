package io.divvy.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/** No server answers, or what answers is none. The message says where, why, and what to do. */
final class NoServerException extends IOException {
    private static final long serialVersionUID = 1;

    private NoServerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** @param where as its user wrote it */
    static NoServerException at(String where, IOException cause) {
        return new NoServerException(
                "no Divvy server at " + where + " (" + reason(cause)
                        + "); start one with \"divvy server\" or name another with --server",
                cause);
    }

    /** @param where as its user wrote it, a URL */
    static NoServerException atTcpPort(URI where) {
        return new NoServerException(
                where + " is the TCP port of a Divvy server; use " + where.getAuthority() + ", without http://", null);
    }

    private static String reason(IOException failure) {
        if (failure instanceof UnknownHostException) {
            return "there is no host of that name";
        }
        if (failure instanceof SocketTimeoutException || failure instanceof HttpConnectTimeoutException) {
            return "it did not answer in time";
        }
        String message = failure.getMessage();
        if (message != null) {
            return message;
        }
        return failure instanceof ConnectException
                ? "connection refused"
                : failure.getClass().getSimpleName();
    }
}
