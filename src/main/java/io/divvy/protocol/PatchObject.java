package io.divvy.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to change of an unfinished task, checked: the body of {@code PATCH /tasks/<id>}. What is null stays as it is. An
 * unknown field is an error, so that a misspelt one is not silent.
 *
 * @param labels all that the task has from then on
 * @param paused whether nothing more of it is started
 */
public record PatchObject(
        @Nullable Integer priority,
        @Nullable Map<String, String> labels,
        @Nullable Boolean paused) {
    private static final List<String> FIELDS = List.of("priority", "labels", "paused");
    /** What one takes beside its labels. */
    private static final long OVERHEAD_BYTES = 500;

    public static PatchObject read(ObjectNode object) throws ProtocolException {
        Fields fields = new Fields(object, "task.", ErrorCode.BAD_MESSAGE);
        fields.requireOnly(FIELDS);
        if (FIELDS.stream().noneMatch(fields::has)) {
            throw new ProtocolException(
                    ErrorCode.BAD_MESSAGE, "nothing is to change; expected one of " + String.join(", ", FIELDS));
        }
        return new PatchObject(
                fields.has("priority")
                        ? (Integer)
                                (int) fields.wholeNumber("priority", -TaskObject.MAX_PRIORITY, TaskObject.MAX_PRIORITY)
                        : null,
                fields.has("labels") ? TaskObject.readLabels(fields) : null,
                fields.has("paused") ? (Boolean) fields.flag("paused", false) : null);
    }

    /** About how much memory it takes until it is durable. */
    public long sizeBytes() {
        return OVERHEAD_BYTES + (labels == null ? 0 : TaskObject.sizeOfLabels(labels));
    }
}
