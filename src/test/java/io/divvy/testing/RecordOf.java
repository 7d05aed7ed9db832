package io.divvy.testing;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** A record of limits with one of them changed, by its name. */
final class RecordOf {
    private RecordOf() {}

    static <R extends Record> R with(R usual, String limit, long value) {
        RecordComponent[] components = usual.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        boolean found = false;
        try {
            for (int i = 0; i < components.length; i++) {
                values[i] = components[i].getAccessor().invoke(usual);
                if (components[i].getName().equals(limit)) {
                    found = true;
                    values[i] = values[i] instanceof Integer ? (Object) Math.toIntExact(value) : (Object) value;
                }
            }
            if (!found) {
                throw new IllegalArgumentException("there is no limit " + limit);
            }
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new);
            @SuppressWarnings("unchecked")
            Class<R> type = (Class<R>) usual.getClass();
            return type.getConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("limits are a public record", e);
        }
    }
}
