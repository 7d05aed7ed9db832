package io.divvy.scheduler;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an object keeps alive: all that the fields of Divvy's own objects and lambdas lead to, through arrays and the JDK's
 * collections. Inside other objects of the JDK it does not look.
 */
final class Reachable {
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> toVisit = new ArrayDeque<>();

    private Reachable() {}

    /** All objects of a class that one object keeps alive. */
    static <T> Stream<T> from(Object root, Class<T> kind) {
        Reachable reachable = new Reachable();
        reachable.reach(root);
        while (!reachable.toVisit.isEmpty()) {
            reachable.visit(reachable.toVisit.remove());
        }
        return reachable.seen.stream().filter(kind::isInstance).map(kind::cast);
    }

    private void reach(@Nullable Object object) {
        if (object != null && seen.add(object)) {
            toVisit.add(object);
        }
    }

    private void visit(Object object) {
        if (object instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                reach(key);
                reach(value);
            });
        } else if (object instanceof Collection<?> collection) {
            collection.forEach(this::reach);
        } else if (object instanceof Object[] array) {
            for (Object element : array) {
                reach(element);
            }
        }
        for (Class<?> type = object.getClass(); isOurs(type); type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    reach(valueOf(field, object));
                }
            }
        }
    }

    private static boolean isOurs(Class<?> type) {
        return type.getName().startsWith("io.divvy.");
    }

    private static @Nullable Object valueOf(Field field, Object object) {
        try {
            field.setAccessible(true);
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " cannot be read", e);
        }
    }
}
