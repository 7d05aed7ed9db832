package io.divvy.recording;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import io.divvy.scheduler.Effect;
import io.divvy.scheduler.Event;
import io.divvy.state.ChunkProgress;
import io.divvy.state.Part;
import io.divvy.state.Range;
import io.divvy.state.Results;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Events and effects as text: the name of the kind, and behind it the fields, if it has some. */
final class TurnText {
    /** In the place of an event where only the time moved on. */
    static final String TICK = "tick";

    static final String TURN = "@";
    static final String EFFECT = "> ";
    static final String REFUSAL = "! ";
    static final String END = "end ";
    static final String REMARK = "#";

    /** Of what a worker gave, the core may ask which is null; so the results of events say it. */
    private static final Kinds<Event> EVENTS =
            new Kinds<>(Event.class, FieldMapper.of(results -> ((RecordedResults) results).outline()));
    /** The core hands on what it got, and nobody asks it again. */
    private static final Kinds<Effect> EFFECTS = new Kinds<>(
            Effect.class, FieldMapper.of(results -> new RecordedResults.Outline(results.sizeBytes(), List.of())));

    private TurnText() {}

    /** The name and the fields of the event, as {@link #event} reads it. */
    static void write(Event event, OutputStream to) throws IOException {
        EVENTS.write(withoutValues(event), to);
    }

    /** The name and the fields of the effect, as {@link #effect} reads it. */
    static void write(Effect effect, OutputStream to) throws IOException {
        EFFECTS.write(effect, to);
    }

    static String text(Effect effect) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        write(effect, text);
        return text.toString(StandardCharsets.UTF_8);
    }

    /** @throws IOException that says what was expected */
    static Event event(String text) throws IOException {
        return EVENTS.read(text);
    }

    /** @throws IOException that says what was expected */
    static Effect effect(String text) throws IOException {
        return EFFECTS.read(text);
    }

    /** What an exception of the core was, in one line. */
    static String refusal(Throwable why) {
        String message = why.getMessage();
        String name = why.getClass().getSimpleName();
        return message == null ? name : name + ": " + message.replaceAll("\\R", " ");
    }

    /** The event, with results of which only that is left that is recorded. */
    private static Event withoutValues(Event event) {
        if (event instanceof Event.ResultsArrived arrived) {
            int entries = arrived.combined() ? 1 : (int) (arrived.to() - arrived.from());
            return arrived.with(RecordedResults.of(arrived.results(), 0, entries));
        }
        if (event instanceof Event.ResultsOffered offered) {
            return new Event.ResultsOffered(
                    offered.worker(),
                    offered.task(),
                    offered.from(),
                    offered.to(),
                    RecordedResults.of(offered.results(), 0, (int) (offered.to() - offered.from())));
        }
        if (event instanceof Event.TaskSubmitted submitted && !submitted.done().isEmpty()) {
            return new Event.TaskSubmitted(
                    submitted.request(),
                    submitted.spec(),
                    submitted.size(),
                    submitted.done().stream().map(TurnText::withoutValues).toList());
        }
        if (event instanceof Event.TaskRestored restored) {
            return new Event.TaskRestored(
                    restored.spec(),
                    restored.size(),
                    restored.submittedMs(),
                    restored.progress(),
                    restored.chunks().stream().map(TurnText::withoutValues).toList());
        }
        return event;
    }

    private static ChunkProgress withoutValues(ChunkProgress chunk) {
        ChunkProgress.Draft draft = new ChunkProgress.Draft(chunk.number(), chunk.seq());
        draft.closed = chunk.closed();
        draft.failed = chunk.failed();
        draft.foldedTo = chunk.foldedTo();
        draft.attempts = chunk.attempts();
        draft.parts = chunk.parts().stream().map(TurnText::withoutValues).toList();
        return draft.finish();
    }

    private static Part withoutValues(Part part) {
        Results results = part.results();
        if (results == null) {
            return part;
        }
        if (part.combined()) {
            return Part.combined(part.from(), part.to(), RecordedResults.of(results, 0, 1));
        }
        int from = (int) (part.from() - part.resultsFrom());
        int to = (int) (part.to() - part.resultsFrom());
        return Part.each(
                new Range(part.from(), part.to()),
                RecordedResults.of(results, from, to),
                part.resultsFrom(),
                part.sizeBytes());
    }

    /** All kinds of a sealed interface of records, by name. */
    private static final class Kinds<T> {
        private final Class<T> sealed;
        private final Map<String, Kind> byName;
        private final Map<Class<?>, Kind> byType;

        /** @param nameBytes of a kind without fields all that is to be written */
        private record Kind(
                String name, byte[] nameBytes, boolean hasFields, ObjectWriter writer, ObjectReader reader) {}

        Kinds(Class<T> sealed, ObjectMapper fields) {
            this.sealed = sealed;
            this.byType = Arrays.stream(sealed.getPermittedSubclasses())
                    .collect(Collectors.toMap(Function.identity(), type -> kind(type, fields)));
            this.byName = byType.values().stream().collect(Collectors.toMap(Kind::name, Function.identity()));
        }

        private static Kind kind(Class<?> type, ObjectMapper fields) {
            boolean hasFields = type.getRecordComponents().length > 0;
            String name = type.getSimpleName();
            return new Kind(
                    name,
                    (hasFields ? name + " " : name).getBytes(StandardCharsets.UTF_8),
                    hasFields,
                    fields.writerFor(type).without(JsonGenerator.Feature.AUTO_CLOSE_TARGET),
                    fields.readerFor(type));
        }

        void write(T value, OutputStream to) throws IOException {
            Kind kind = byType.get(value.getClass());
            if (kind == null) {
                throw new IllegalArgumentException(value.getClass() + " is no kind of " + sealed.getSimpleName());
            }
            to.write(kind.nameBytes());
            if (kind.hasFields()) {
                kind.writer().writeValue(to, value);
            }
        }

        T read(String text) throws IOException {
            int space = text.indexOf(' ');
            String name = space < 0 ? text : text.substring(0, space);
            Kind kind = byName.get(name);
            if (kind == null) {
                String what = sealed.getSimpleName().toLowerCase(Locale.ROOT);
                throw new IOException(
                        "there is no " + what + " of the name " + name + "; expected one of " + sortedNames());
            }
            String fields = space < 0 ? "" : text.substring(space).strip();
            if (fields.isEmpty() && kind.hasFields()) {
                throw new IOException("expected the fields of the " + name + " behind it, for instance {worker:1}");
            }
            try {
                return sealed.cast(kind.reader().readValue(fields.isEmpty() ? "{}" : fields));
            } catch (InvalidNullException e) {
                throw new IOException(
                        name + ": expected a value of the field "
                                + e.getPropertyName().getSimpleName(),
                        e);
            } catch (JsonProcessingException e) {
                throw new IOException(name + ": " + e.getOriginalMessage(), e);
            } catch (RuntimeException e) {
                throw new IOException(name + ": " + e.getMessage(), e);
            }
        }

        private String sortedNames() {
            return byName.keySet().stream().sorted().collect(Collectors.joining(", "));
        }
    }
}
