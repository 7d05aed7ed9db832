package io.divvy.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.heap.HeapShare;
import io.divvy.net.NetLimits;
import io.divvy.rest.RestLimits;
import io.divvy.scheduler.Limits;
import io.divvy.server.ServerLimits;
import io.divvy.server.TypeLimits;
import io.divvy.server.session.SessionTerms;
import io.divvy.store.Retention;
import io.divvy.testing.MarkdownPage;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message, every way to combine and every limit of the code stands on the protocol page. Runs in the repository's root. */
class ProtocolPageTest {
    private static final MarkdownPage PAGE = MarkdownPage.of("src/docs/protocol.md");
    private static final Pattern NAMED_LIMIT = Pattern.compile("`([A-Z]\\w+)\\.(\\w+)`");

    /** A connection that said hello, and what it says and hears from then on: an example of each kind, with all fields. */
    private static final List<Conversation> CONVERSATIONS = List.of(
            new Conversation(
                    Hello.class,
                    Hello::read,
                    List.of("Dialect 1: the plain one", "Protocol 2: workers", "Protocol 2: senders"),
                    List.of(
                            new Hello.PlainWorker(),
                            new Hello.PlainSender(),
                            new Hello.Sender("token"),
                            new Hello.Worker("w", 1, 2, Set.of("t"), Set.of("t"), true, "token", 137, "instance"))),
            new Conversation(
                    FromWorker.class,
                    FromWorker::read,
                    List.of("Protocol 2: workers"),
                    List.of(
                            new FromWorker.Result(17, 3, ResultValues.of(List.of(IntNode.valueOf(9)))),
                            new FromWorker.Combined(17, 3, 5, IntNode.valueOf(25)),
                            new FromWorker.Offer("t", 3, ResultValues.of(List.of(IntNode.valueOf(9)))),
                            new FromWorker.Released(17, 4),
                            new FromWorker.SubtaskError(17, 3, "no", false, "because"),
                            new FromWorker.Heartbeat(Map.of(17L, 3L)),
                            new FromWorker.Decline("t"),
                            new FromWorker.Drain())),
            new Conversation(
                    ToWorker.class,
                    ToWorker::read,
                    List.of("Protocol 2: workers"),
                    List.of(
                            Welcome.of("divvy", "12", 5_000),
                            new ServerHeartbeat(),
                            new ErrorMessage(null, ErrorCode.UNKNOWN_LEASE, "lease 4", null),
                            new ToWorker.TaskDescription("t", "x", object(), 10, 1_024, true, 30_000L),
                            new ToWorker.Assign(
                                    17,
                                    "t",
                                    3,
                                    4,
                                    ToWorker.PayloadArray.of(
                                            object().putArray("payloads").add(1))),
                            new ToWorker.Ack(17L, null, 3, 4),
                            new ToWorker.Revoke(17, 4),
                            new ToWorker.CancelLease(17),
                            new ToWorker.Cancel("t"),
                            new ToWorker.Forget("t"),
                            new ToWorker.GoAway(false))),
            new Conversation(
                    FromSender.class,
                    FromSender::read,
                    List.of("Protocol 2: senders"),
                    List.of(
                            new FromSender.Submit(1L, true, object()),
                            new FromSender.Status(2L, "t"),
                            new FromSender.Attach(3L, "t", false),
                            new FromSender.Cancel(4L, "t"))),
            new Conversation(
                    ToSender.class,
                    ToSender::read,
                    List.of("Protocol 2: workers", "Protocol 2: senders", "Errors"), // "As above", it says of welcome.
                    List.of(
                            Welcome.of("divvy", "12", 5_000),
                            new ServerHeartbeat(),
                            new ErrorMessage(1L, ErrorCode.BUSY, "full", 1_000L),
                            new ToSender.Accepted(1L, "t", 10),
                            new ToSender.ProgressReport("t", new Progress(1, 0, 1, 0, 0, 0)),
                            new ToSender.Completed("t", IntNode.valueOf(9), null),
                            new ToSender.Failed("t", new TaskError("timeout", "late", null, null, null)),
                            new ToSender.Cancelled("t"),
                            new ToSender.Task(3L, view()))));

    /** @param sections of the page that say all of it */
    private record Conversation(
            Class<? extends Message> kind, Wire.Reader<?> reader, List<String> sections, List<Message> examples) {
        @Override
        public String toString() {
            return kind.getSimpleName();
        }
    }

    static Stream<Conversation> conversations() {
        return CONVERSATIONS.stream();
    }

    private static ObjectNode object() {
        return Json.MAPPER.createObjectNode();
    }

    private static TaskView view() {
        return new TaskView(
                "t",
                null,
                "x",
                null,
                Map.of(),
                "queued",
                new Progress(1, 1, 0, 0, 0, 0),
                0,
                0,
                0,
                false,
                null,
                3,
                null,
                null,
                "fail",
                null,
                null,
                null,
                List.of(),
                null,
                null,
                Instant.EPOCH,
                null,
                null,
                null);
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void everyKindOfMessageHasAnExampleHere(Conversation conversation) {
        Set<String> kinds = Stream.of(conversation.kind.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .filter(name -> !name.equals("Unknown")) // Only read, never written.
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> examples = conversation.examples.stream()
                .map(message -> message.getClass().getSimpleName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(kinds, examples);
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void everyMessageIsReadAsWhatItWas(Conversation conversation) throws ProtocolException {
        for (Message example : conversation.examples) {
            assertEquals(
                    example.getClass(),
                    Wire.<Object>readBack(conversation.reader, example).getClass());
        }
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void everyMessageStandsOnThePageWithAllOfItsFields(Conversation conversation) throws Exception {
        String text = conversation.sections.stream().map(PAGE::section).collect(Collectors.joining());
        for (Message example : conversation.examples) {
            ObjectNode message = Wire.object(Wire.text(example));
            String type = message.get("type").asText();
            assertTrue(
                    text.contains("\"type\":\"" + type + "\""),
                    () -> PAGE + " shows no " + type + " in " + conversation.sections);
            message.fieldNames()
                    .forEachRemaining(field -> assertTrue(
                            text.contains("\"" + field + "\":") || text.contains("`" + field + "`"),
                            () -> PAGE + " says nothing of the field " + field + " of " + type + " in "
                                    + conversation.sections));
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyWayToCombineStandsOnThePage(CombineMode mode) {
        String name = mode.name().toLowerCase(Locale.ROOT);
        assertTrue(
                PAGE.section("The task object")
                        .lines()
                        .anyMatch(line -> line.matches("\\| .*`" + name + "`.*\\|.*\\|.*\\|")),
                () -> PAGE + " has no row for " + name);
    }

    /** What nobody reaches, so that there is nothing to say of it: sizes of pools and buffers, and advice. */
    private static final Set<String> SETTINGS = Set.of(
            "Limits.busyRetryMs",
            "NetLimits.readBufferBytes",
            "NetLimits.sendBufferBytes",
            "NetLimits.spinMicros",
            "RestLimits.answerThreads",
            "RestLimits.stopMs",
            "RestLimits.threads");

    private static final List<Class<?>> LIMITS = List.of(
            HeapShare.class,
            Limits.class,
            NetLimits.class,
            ProtocolLimits.class,
            RestLimits.class,
            Retention.class,
            ServerLimits.class,
            SessionTerms.class,
            TypeLimits.class);

    @Test
    void everyLimitStandsOnThePageByItsName() {
        String limits = PAGE.section("Limits");
        Set<String> missing = new TreeSet<>();
        for (Class<?> type :
                List.of(Limits.class, NetLimits.class, ServerLimits.class, TypeLimits.class, Retention.class)) {
            for (RecordComponent limit : type.getRecordComponents()) {
                missing.add(type.getSimpleName() + "." + limit.getName());
            }
        }
        for (Method limit : RestLimits.class.getDeclaredMethods()) {
            if (limit.getParameterCount() == 0 && limit.getReturnType().isPrimitive() && !limit.isSynthetic()) {
                missing.add("RestLimits." + limit.getName());
            }
        }
        missing.remove("ServerLimits.types"); // Which has limits of its own.
        missing.removeAll(SETTINGS);
        missing.removeIf(name -> limits.contains("`" + name + "`"));
        assertEquals(Set.of(), missing, "not in the table of limits of " + PAGE);
    }

    @Test
    void everyLimitThatThePageNamesIsThere() {
        Matcher named = NAMED_LIMIT.matcher(PAGE.section("Limits"));
        Set<String> unknown = new TreeSet<>();
        while (named.find()) {
            if (LIMITS.stream().anyMatch(type -> type.getSimpleName().equals(named.group(1)))
                    && LIMITS.stream().noneMatch(type -> has(type, named.group(1), named.group(2)))) {
                unknown.add(named.group());
            }
        }
        assertEquals(Set.of(), unknown);
    }

    private static boolean has(Class<?> type, String typeName, String limit) {
        return type.getSimpleName().equals(typeName)
                && Stream.concat(
                                Arrays.stream(type.getDeclaredFields()).map(Field::getName),
                                Arrays.stream(type.getDeclaredMethods()).map(Method::getName))
                        .anyMatch(limit::equals);
    }
}
