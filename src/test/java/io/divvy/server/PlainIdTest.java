package io.divvy.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.TaskObject;
import io.divvy.protocol.TaskView;
import io.divvy.task.JsonText;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a sender of dialect 1 calls its task finds it, and is not what the task is. */
class PlainIdTest {
    private static final String UUID_7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

    private final TcpServer server = TcpServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private Optional<TaskView> find(String id) {
        server.settle();
        return get(server.gateway().find(id)).map(Supplier::get);
    }

    /** The task that is there, or will be as soon as it is durable. */
    private TaskView known(String id) {
        return await().until(() -> find(id), Optional::isPresent).orElseThrow();
    }

    /** Its sender waits for the answer. */
    private WirePeer submit(String id, long end, long subtasks) {
        WirePeer sender = WirePeer.plainSender(server);
        sender.send("{'task_id':'" + id + "','range':[1," + end + "],'num_subtasks':" + subtasks + "}");
        return sender;
    }

    private String submitByRest(String json) throws Exception {
        TaskObject task = TaskObject.read(JsonText.object(json.replace('\'', '"')));
        return get(server.gateway().submit(task)).id();
    }

    private void delete(String id) {
        assertTrue(get(server.gateway().delete(id)), () -> "there is no " + id + " to delete");
    }

    private void cancelAndDelete(String id) {
        assertEquals(
                "cancelled",
                get(server.gateway().cancel(id)).orElseThrow().get().state());
        delete(id);
    }

    @Test
    void aTaskHasAnIdOfOursAndIsFoundByWhatItsSenderCallsIt() {
        try (WirePeer sender = submit("job-1", 3, 1)) {
            TaskView open = known("job-1");
            assertTrue(open.id().matches(UUID_7), open.id());
            assertEquals("job-1", open.alias());
            assertEquals(open, known(open.id()));
            assertEquals(
                    open.id(),
                    get(server.gateway().explain("job-1")).orElseThrow().id());
            try (WirePeer worker = WirePeer.plainWorker(server)) {
                JsonNode available = worker.receive();
                assertEquals(open.id(), available.at("/subtask/task_id").textValue());
                worker.answerPlainly(available);
            }
            assertEquals(14, sender.receive().get("result").intValue());

            TaskView ended = known("job-1");
            assertEquals(open.id(), ended.id());
            assertEquals("completed", ended.state());
            assertTrue(get(server.gateway().result("job-1")).isPresent());
            Optional<Supplier<TaskView>> awaited = get(server.gateway().awaitEnd("job-1", Duration.ofSeconds(20)));
            assertEquals(open.id(), awaited.orElseThrow().get().id());
            delete("job-1");
            assertEquals(Optional.empty(), find("job-1"));
            assertEquals(Optional.empty(), find(open.id()));
            assertFalse(get(server.gateway().delete("job-1")));
        }
    }

    @Test
    void aSenderOfProtocol2AsksForAPlainTaskByEitherName() {
        try (WirePeer sender = submit("job-1", 3, 1);
                WirePeer other = WirePeer.sender(server)) {
            String id = known("job-1").id();
            other.send("{'type':'status','request':1,'task_id':'job-1'}");
            assertEquals(id, other.receive("task").at("/task/id").textValue());
            other.send("{'type':'attach','request':2,'task_id':'job-1','progress':false}");
            assertEquals(id, other.receive("task").at("/task/id").textValue());
            other.send("{'type':'attach','request':3,'task_id':'" + id + "','progress':false}");
            assertEquals("job-1", other.receive("task").at("/task/alias").textValue());
            other.send("{'type':'cancel','request':4,'task_id':'job-1'}");
            assertEquals(id, other.receive("task").at("/task/id").textValue(), "this is what the end will bear");
            assertEquals(id, other.receive("cancelled").get("task_id").textValue(), "once, though it attached twice");
            assertEquals("the task was cancelled", sender.receive().get("error").textValue());
            other.send("{'type':'attach','request':5,'task_id':'job-1'}");
            assertEquals(id, other.receive("task").at("/task/id").textValue());
            assertEquals(id, other.receive("cancelled").get("task_id").textValue());
            other.send("{'type':'cancel','request':6,'task_id':'job-2'}");
            assertEquals(
                    "task_id: there is no task job-2, or it ended and is not kept any more",
                    other.receiveError("not_found"));
        }
    }

    @Test
    void resultsOfATaskThatWasDeletedDoNotCountForTheNextOneOfThatName() {
        try (WirePeer gone = submit("job-1", 4_000, 4)) {
            String first;
            try (WirePeer cutOff = WirePeer.worker(server, 4)) {
                first = cutOff.receive("task").get("task_id").textValue();
                cutOff.receive("assign");
            }
            server.settle();
            cancelAndDelete("job-1");
            assertEquals("the task was cancelled", gone.receive().get("error").textValue());

            try (WirePeer sender = submit("job-1", 40, 4);
                    WirePeer back = WirePeer.worker(server, 4)) {
                String second = back.receive("task").get("task_id").textValue();
                assertNotEquals(first, second);
                back.send("{'type':'result','task_id':'" + first + "','from':0,'results':[7,7,7,7]}");
                back.send("{'type':'result','task_id':'job-1','from':0,'results':[7,7,7,7]}");
                JsonNode lease = back.receive("assign");
                for (int answered = 0; answered < 4; ) {
                    back.answer(lease);
                    answered += lease.get("to").intValue() - lease.get("from").intValue();
                    if (answered < 4) {
                        lease = back.receiveAfter("assign", "forget");
                    }
                }
                assertEquals(22_140, sender.receive().get("result").intValue());
                assertEquals(0, known("job-1").duplicates());
            }
        }
    }

    @Test
    void twoSendersThatChooseTheSameIdAtOnceShareATaskOrHearOfTheOther() {
        try (WirePeer first = WirePeer.plainSender(server);
                WirePeer second = WirePeer.plainSender(server);
                WirePeer third = WirePeer.plainSender(server)) {
            String same = "{'task_id':'job-1','range':[1,3],'num_subtasks':1}";
            first.send(same);
            second.send(same);
            server.settle();
            third.send("{'task_id':'job-1','range':[1,4],'num_subtasks':1}");
            String error = third.receive().get("error").textValue();
            assertEquals(
                    "conflict: task_id: another task was submitted under it, task "
                            + known("job-1").id() + "; submit the same task again or take a new task_id",
                    error);
            try (WirePeer worker = WirePeer.plainWorker(server)) {
                worker.answerPlainly(worker.receive());
                assertEquals(14, first.receive().get("result").intValue());
                assertEquals(14, second.receive().get("result").intValue());
                server.settle();
                assertEquals(0, worker.available(), "there was one task");
            }
        }
    }

    @Test
    void aPlainIdAndAnIdempotencyKeyOfTheSameTextNameTwoTasks() throws Exception {
        String keyed =
                submitByRest("{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1,'key':'job-1'}");
        try (WirePeer sender = submit("job-1", 4, 1)) {
            TaskView plain = known("job-1");
            assertNotEquals(keyed, plain.id());
            assertNull(known(keyed).alias());
            cancelAndDelete("job-1");
            assertEquals("the task was cancelled", sender.receive().get("error").textValue());
            assertEquals(Optional.empty(), find("job-1"));
            assertEquals("queued", known(keyed).state());
        }
    }

    @Test
    void anIdempotencyKeyThatIsUsedAgainAfterADeleteMakesATaskOfItsOwn() throws Exception {
        String task = "{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1,'key':'monday'}";
        String first = submitByRest(task);
        assertEquals(first, submitByRest(task));
        cancelAndDelete(first);
        assertNotEquals(first, submitByRest(task));
        assertEquals(Optional.empty(), find(first));
    }

    @Test
    void anIdThatLooksLikeOneOfOursIsAnAliasAllTheSame() throws Exception {
        String other = submitByRest("{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1}");
        try (WirePeer sender = submit(other, 4, 1)) {
            server.settle();
            assertNull(known(other).alias(), "the id counts before an alias");
            cancelAndDelete(other);

            TaskView plain = known(other);
            assertEquals(other, plain.alias());
            assertNotEquals(other, plain.id());
            try (WirePeer worker = WirePeer.worker(server, 1, "'task_types':['*'],'acks':true")) {
                assertEquals(plain.id(), worker.receive("task").get("task_id").textValue());
                worker.send("{'type':'result','task_id':'" + other + "','from':0,'results':[7]}");
                JsonNode lease = worker.receive("assign");
                assertEquals(other, worker.receive("forget").get("task_id").textValue());
                worker.answer(lease);
                assertEquals(30, sender.receive().get("result").intValue());
            }
        }
    }
}
