package io.divvy.protocol;

import org.jspecify.annotations.Nullable;

/** Something that came in breaks a rule. The message is meant for whoever sent it. */
public sealed class ProtocolException extends Exception permits JsonLimitException {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;

    @Nullable
    private final Long request;

    public ProtocolException(ErrorCode code, String message) {
        this(code, message, null);
    }

    /** @param request the number of the request that it answers, or null */
    public ProtocolException(ErrorCode code, String message, @Nullable Long request) {
        super(ErrorText.bounded(message));
        this.code = code;
        this.request = request;
    }

    public ErrorCode code() {
        return code;
    }

    public @Nullable Long request() {
        return request;
    }

    ProtocolException answering(@Nullable Long requestNumber) {
        return new ProtocolException(code, String.valueOf(getMessage()), requestNumber);
    }
}
