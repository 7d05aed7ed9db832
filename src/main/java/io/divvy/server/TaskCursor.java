package io.divvy.server;

import io.divvy.protocol.ProtocolLimits;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPosition;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A position in the list of tasks, as text that means nothing to whoever gets it. */
final class TaskCursor {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18}):(" + ProtocolLimits.TASK_ID_PATTERN + ")");

    private TaskCursor() {}

    static String of(TaskPosition position) {
        String text = position.submittedMs() + ":" + position.id();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Empty for what is not a cursor. */
    static Optional<TaskPosition> read(String cursor) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
            Matcher parts = FORM.matcher(text);
            return parts.matches()
                    ? Optional.of(new TaskPosition(Long.parseLong(parts.group(1)), new TaskId(parts.group(2))))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
