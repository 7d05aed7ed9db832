package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.divvy.task.Combiner;
import io.divvy.task.Combiners;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskContext;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import io.divvy.task.builtin.SumOfSquares;
import io.divvy.testing.DiligentWorker;
import io.divvy.testing.TcpServer;
import io.divvy.testing.WirePeer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A type whose code uses up the stack or the memory fails its own task. */
class BrokenTypeTest {
    private TcpServer server;

    private static final class Bottomless implements TaskType {
        @Override
        public String name() {
            return "bottomless";
        }

        @Override
        public Subtasks split(ObjectNode params, @Nullable Long subtasks) {
            if (params.path("fails").textValue().equals("split")) {
                recurse(0);
            }
            return new Subtasks() {
                @Override
                public long count() {
                    return 1;
                }

                @Override
                public JsonNode payload(long index) {
                    throw new OutOfMemoryError("as if there were no memory");
                }
            };
        }

        private static int recurse(int depth) {
            return recurse(depth + 1) + depth;
        }

        @Override
        public JsonNode process(JsonNode payload, TaskContext context) {
            return payload;
        }

        @Override
        public Combiner<?> combiner(ObjectNode params) {
            return Combiners.collect();
        }
    }

    @BeforeEach
    void start() {
        server = TcpServer.start(new TaskTypes(List.of(new Bottomless(), new SumOfSquares())));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void othersGoOn(WirePeer sender) {
        try (DiligentWorker worker = new DiligentWorker(server, 1)) {
            sender.send("{'type':'submit','task':"
                    + "{'type':'sum_of_squares','params':{'start':1,'end':3},'subtasks':1}}");
            sender.receive("accepted");
            assertEquals(
                    14,
                    sender.receiveAfter("completed", "progress").get("result").intValue());
            assertTrue(worker.isAlive());
        }
    }

    @Test
    void aTaskWhoseSplitNeverComesBackIsRefused() {
        try (WirePeer sender = WirePeer.sender(server)) {
            sender.send("{'type':'submit','task':{'type':'bottomless','params':{'fails':'split'}}}");
            String error = sender.receiveError("invalid_task");
            assertEquals("the task type failed to split these params: java.lang.StackOverflowError", error);
            othersGoOn(sender);
        }
    }

    @Test
    void anErrorInTheSplitOfAKeyedTaskIsThatTasksRefusalAndTheConnectionGoesOn() {
        try (WirePeer sender = WirePeer.sender(server)) {
            sender.send("{'type':'submit','task':{'type':'bottomless','params':{'fails':'split'},'key':'k'}}");
            String error = sender.receiveError("invalid_task");
            assertEquals("the task type failed to split these params: java.lang.StackOverflowError", error);
            othersGoOn(sender);
        }
    }

    @Test
    void aTaskForWhosePayloadsThereIsNoMemoryFails() {
        try (WirePeer sender = WirePeer.sender(server);
                WirePeer worker = WirePeer.worker(server, 1)) {
            sender.send("{'type':'submit','task':{'type':'bottomless','params':{'fails':'payload'}}}");
            sender.receive("accepted");
            JsonNode error = sender.receiveAfter("failed", "progress").get("error");
            assertEquals("task_type_failed", error.get("code").textValue());
            worker.vanish();
            othersGoOn(sender);
        }
    }
}
