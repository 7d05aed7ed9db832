package io.divvy.recording;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdDelegatingDeserializer;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdDelegatingSerializer;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.fasterxml.jackson.databind.util.Converter;
import io.divvy.scheduler.Answer;
import io.divvy.scheduler.Change;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.scheduler.Payloads;
import io.divvy.scheduler.WorkerId;
import io.divvy.state.Range;
import io.divvy.state.Results;
import io.divvy.state.TaskId;
import io.divvy.state.TaskPatch;
import io.divvy.state.TaskSpec;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields of events and effects as short JSON without quotes around names, and back. What is null, and what is zero, false
 * or empty in the values inside of an event, is left out.
 */
final class FieldMapper {
    /** Of what is no number. All else has to be there. */
    private static final Set<Class<?>> CAN_BE_EMPTY = Set.of(
            String.class,
            List.class,
            Set.class,
            Map.class,
            TaskSpec.FoldOrder.class,
            TaskSpec.EarlyEnd.class,
            TaskSpec.OnFailure.class);

    /** Something is there, and what it is was not recorded. */
    private static final boolean THERE = true;

    private static final RecordedPayloads PAYLOADS = new RecordedPayloads();
    private static final RecordedAnswer ANSWER = new RecordedAnswer();

    private FieldMapper() {}

    /** Payloads of which nothing is known but that they are there. */
    record RecordedPayloads() implements Payloads {}

    /** An answer of which nothing is known but that it is there. */
    record RecordedAnswer() implements Answer {}

    /** @param outline what is written of results */
    static ObjectMapper of(Function<Results, RecordedResults.Outline> outline) {
        SimpleModule module = new SimpleModule();
        as(module, WorkerId.class, Long.class, WorkerId::value, WorkerId::new);
        as(module, TaskId.class, String.class, TaskId::value, TaskId::new);
        as(module, Range.class, long[].class, range -> new long[] {range.from(), range.to()}, FieldMapper::range);
        as(module, Results.class, RecordedResults.Outline.class, outline, RecordedResults::new);
        as(module, TaskPatch.class, WrittenPatch.class, WrittenPatch::of, WrittenPatch::toPatch);
        as(module, Payloads.class, Boolean.class, payloads -> THERE, there -> PAYLOADS);
        as(module, Answer.class, Boolean.class, answer -> THERE, there -> ANSWER);
        usually(module, TaskSpec.FoldOrder.ASCENDING);
        usually(module, TaskSpec.EarlyEnd.NONE);
        usually(module, TaskSpec.OnFailure.FAIL);
        JsonMapper.Builder builder = relaxed()
                .addModule(module)
                .addMixIn(Change.class, Named.class)
                .annotationIntrospector(new WithoutWhatIsUsual());
        for (Class<?> change : Change.class.getPermittedSubclasses()) {
            builder.registerSubtypes(new NamedType(change, change.getSimpleName()));
        }
        return builder.build();
    }

    /** Labels have names of any characters, which names of fields without quotes cannot have: names and values in turn. */
    private record WrittenPatch(
            @Nullable Integer priority,
            @Nullable List<String> labels,
            @Nullable Boolean paused) {
        static WrittenPatch of(TaskPatch patch) {
            Map<String, String> labels = patch.labels();
            return new WrittenPatch(
                    patch.priority(),
                    labels == null
                            ? null
                            : labels.entrySet().stream()
                                    .flatMap(label -> Stream.of(label.getKey(), label.getValue()))
                                    .toList(),
                    patch.paused());
        }

        TaskPatch toPatch() {
            return new TaskPatch(priority, labels == null ? null : toLabels(labels), paused);
        }

        private static Map<String, String> toLabels(List<String> written) {
            if (written.size() % 2 != 0) {
                throw new IllegalArgumentException("expected labels as [name, value, …], got " + written);
            }
            Map<String, String> labels = new LinkedHashMap<>();
            for (int i = 0; i < written.size(); i += 2) {
                labels.put(written.get(i), written.get(i + 1));
            }
            return labels;
        }
    }

    /** JSON in one line, without quotes around names. */
    static JsonMapper.Builder relaxed() {
        JsonFactory withoutQuotes = JsonFactory.builder()
                .disable(JsonWriteFeature.QUOTE_FIELD_NAMES)
                .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
                .build();
        return JsonMapper.builder(withoutQuotes)
                .defaultPrettyPrinter(new SpacesAfterCommas())
                .enable(SerializationFeature.INDENT_OUTPUT)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /** {@code {TaskFinished:{…}}} */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
    private interface Named {}

    private static Range range(long[] bounds) {
        if (bounds.length != 2) {
            throw new IllegalArgumentException("expected a range as [from, to], got " + bounds.length + " numbers");
        }
        return new Range(bounds[0], bounds[1]);
    }

    /** Values of one type are written as those of another one. */
    private static <T, W> void as(
            SimpleModule module, Class<T> type, Class<W> written, Function<T, W> write, Function<W, T> read) {
        module.addSerializer(type, new StdDelegatingSerializer(type, new Conversion<>(type, written, write)));
        module.addDeserializer(type, new StdDelegatingDeserializer<>(new Conversion<>(written, type, read)));
    }

    private record Conversion<A, B>(Class<A> from, Class<B> to, Function<A, B> how) implements Converter<A, B> {
        @Override
        public B convert(A value) {
            return how.apply(value);
        }

        @Override
        public JavaType getInputType(TypeFactory types) {
            return types.constructType(from);
        }

        @Override
        public JavaType getOutputType(TypeFactory types) {
            return types.constructType(to);
        }
    }

    /** Where it is that constant, it is left out. */
    private static <E extends Enum<E>> void usually(SimpleModule module, E usual) {
        Class<E> type = usual.getDeclaringClass();
        module.addSerializer(type, new StdScalarSerializer<>(type) {
            private static final long serialVersionUID = 1;

            @Override
            public boolean isEmpty(SerializerProvider provider, E value) {
                return value == usual;
            }

            @Override
            public void serialize(E value, JsonGenerator to, SerializerProvider provider) throws IOException {
                to.writeString(value.name());
            }
        });
        module.addDeserializer(type, new FromStringDeserializer<>(type) {
            private static final long serialVersionUID = 1;

            @Override
            protected E _deserialize(String name, DeserializationContext context) {
                return Enum.valueOf(type, name);
            }

            @Override
            public Object getEmptyValue(DeserializationContext context) {
                return usual;
            }
        });
    }

    /** So that long lines can be read. */
    private static final class SpacesAfterCommas extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1;

        @Override
        public void writeObjectEntrySeparator(JsonGenerator to) throws IOException {
            to.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator to) throws IOException {
            to.writeRaw(", ");
        }
    }

    /** Which fields are left out, and what is read where one is not there. The components of records say it. */
    private static final class WithoutWhatIsUsual extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public JsonInclude.Value findPropertyInclusion(Annotated member) {
            RecordComponent component = component(member);
            if (component == null) {
                return super.findPropertyInclusion(member);
            }
            JsonInclude.Include include = isNullable(component)
                    ? JsonInclude.Include.NON_NULL
                    : isRequired(component)
                            ? JsonInclude.Include.ALWAYS
                            : component.getType().isPrimitive()
                                    ? JsonInclude.Include.NON_DEFAULT
                                    : JsonInclude.Include.NON_EMPTY;
            return JsonInclude.Value.construct(include, JsonInclude.Include.ALWAYS);
        }

        @Override
        public JsonSetter.Value findSetterInfo(Annotated member) {
            RecordComponent component = component(member);
            if (component == null || isNullable(component)) {
                return super.findSetterInfo(member);
            }
            if (isRequired(component)) {
                return JsonSetter.Value.forValueNulls(Nulls.FAIL);
            }
            return component.getType().isPrimitive()
                    ? super.findSetterInfo(member)
                    : JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY);
        }

        private static boolean isRequired(RecordComponent component) {
            Class<?> type = component.getType();
            if (type.isPrimitive()) {
                Class<?> owner = component.getDeclaringRecord();
                return type != boolean.class
                        && (Event.class.isAssignableFrom(owner) || Effect.class.isAssignableFrom(owner));
            }
            return !CAN_BE_EMPTY.contains(type);
        }

        private static boolean isNullable(RecordComponent component) {
            return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        }

        private static @Nullable RecordComponent component(Annotated annotated) {
            if (!(annotated instanceof AnnotatedMember member)) {
                return null;
            }
            RecordComponent[] components = member.getDeclaringClass().getRecordComponents();
            if (components == null) {
                return null;
            }
            if (member instanceof AnnotatedParameter parameter) {
                return parameter.getIndex() < components.length ? components[parameter.getIndex()] : null;
            }
            for (RecordComponent component : components) {
                if (component.getName().equals(member.getName())) {
                    return component;
                }
            }
            return null;
        }
    }
}
