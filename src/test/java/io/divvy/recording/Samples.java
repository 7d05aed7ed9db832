package io.divvy.recording;

import io.divvy.scheduler.Answer;
import io.divvy.scheduler.Payloads;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.state.Results;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Values of records, made from their components alone, so that nobody has to think of a new one. */
final class Samples {
    private enum Kind {
        /** All is there, and no two numbers are the same. */
        FULL,
        /** What may be null is null, what may be empty is empty, and numbers are zero. */
        EMPTY,
        /** What may be null is there, and empty or zero as well. */
        ZERO
    }

    private final Kind kind;
    /** Which of an enum's constants and of a sealed interface's records. */
    private final int choice;

    private int number;

    private Samples(Kind kind, int choice) {
        this.kind = kind;
        this.choice = choice;
    }

    /** Several of each record that the sealed interface permits. */
    static <T> Stream<T> ofAll(Class<T> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses())
                .flatMap(type -> Arrays.stream(Kind.values())
                        .flatMap(kind -> IntStream.range(0, 3).mapToObj(choice -> new Samples(kind, choice).of(type))))
                .map(sealed::cast)
                .distinct();
    }

    private Object of(Class<?> type) {
        if (type == Range.class) {
            return new Range(number++, number + 5L);
        }
        if (type == Part.class) {
            return kind == Kind.FULL
                    ? Part.each(new Range(5, 9), new RecordedResults(new RecordedResults.Outline(77, List.of())), 4, 70)
                    : Part.failed(5, 9);
        }
        if (type.isSealed()) {
            Class<?>[] permitted = type.getPermittedSubclasses();
            return of(permitted[choice % permitted.length]);
        }
        RecordComponent[] components = type.getRecordComponents();
        if (components == null) {
            throw new IllegalArgumentException("no sample of " + type + "; tell this class how to make one");
        }
        Object[] values = Arrays.stream(components).map(this::value).toArray();
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("no sample of " + type, e);
        }
    }

    private @Nullable Object value(RecordComponent component) {
        boolean isNullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        return kind == Kind.EMPTY && isNullable ? null : value(component.getGenericType());
    }

    private Object value(Type type) {
        boolean isFull = kind == Kind.FULL;
        if (type instanceof ParameterizedType generic) {
            return collection(generic);
        }
        if (type == long.class || type == Long.class) {
            return isFull ? 1_000_000_000_000L + number++ : 0L;
        }
        if (type == int.class || type == Integer.class) {
            return isFull ? 100 + number++ : 0;
        }
        if (type == boolean.class || type == Boolean.class) {
            return isFull;
        }
        if (type == String.class) {
            return isFull ? "{a \"text\",\n№ " + number++ + "}" : "";
        }
        if (type == Results.class) {
            return new RecordedResults(new RecordedResults.Outline(number++, List.of()));
        }
        if (type == Payloads.class) {
            return new FieldMapper.RecordedPayloads();
        }
        if (type == Answer.class) {
            return new FieldMapper.RecordedAnswer();
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isEnum()) {
            Object[] constants = plain.getEnumConstants();
            return constants[choice % constants.length];
        }
        return of(plain);
    }

    private Object collection(ParameterizedType type) {
        Type[] of = type.getActualTypeArguments();
        boolean isFull = kind == Kind.FULL;
        if (type.getRawType() == List.class) {
            return isFull ? List.of(value(of[0]), value(of[0])) : List.of();
        }
        if (type.getRawType() == Set.class) {
            return isFull ? Set.of(value(of[0]), value(of[0])) : Set.of();
        }
        if (type.getRawType() == Map.class) {
            return isFull ? Map.of(value(of[0]), value(of[1])) : Map.of();
        }
        throw new IllegalArgumentException("no sample of " + type + "; tell this class how to make one");
    }
}
