package io.divvy.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;
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

    /**
     * Of a server that is there.
     *
     * @param where as its user wrote it, a URL with a path
     */
    static NoServerException atPath(URI where) {
        return new NoServerException(
                "the server at " + where.getScheme() + "://" + where.getAuthority() + " has no API of Divvy at "
                        + where.getRawPath() + "; leave that out of --server",
                null);
    }

    private static String reason(IOException failure) {
        if (failure instanceof UnknownHostException) {
            return "there is no host of that name";
        }
        if (failure instanceof SocketTimeoutException || failure instanceof HttpConnectTimeoutException) {
            return "it did not answer in time";
        }
        if (failure instanceof SSLException insecure) {
            return reason(insecure);
        }
        String message = failure.getMessage();
        if (message != null) {
            return message;
        }
        return failure instanceof ConnectException
                ? "connection refused"
                : failure.getClass().getSimpleName();
    }

    private static String reason(SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException) {
                return "this Java does not trust its certificate";
            }
        }
        boolean isPlain = String.valueOf(failure.getMessage()).matches("(?i).*(unrecognized SSL message).*");
        return isPlain
                ? "that port speaks no TLS; use http:// instead of https://"
                : String.valueOf(failure.getMessage());
    }
}
