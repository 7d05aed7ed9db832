package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.LongNode;
import io.divvy.net.FrameSocket;
import io.divvy.protocol.Frames;
import io.divvy.protocol.Hello;
import io.divvy.protocol.Json;
import io.divvy.protocol.Plain;
import io.divvy.protocol.ProtocolLimits;
import io.divvy.store.Retention;
import io.divvy.task.TaskTypes;
import io.divvy.testing.RealTimeConfig;
import io.divvy.testing.TestStores;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The answers of dialect 1 carry no id: the n-th message is the answer to the n-th task. */
@Timeout(30)
class PlainSenderOrderTest {
    private DivvyServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                DivvyServer.start(RealTimeConfig.onFreePort(), TaskTypes.builtin(), TestStores.open(Retention.DEFAULT));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aTaskThatIsRefusedWaitsForTheOneBeforeIt() throws Exception {
        try (FrameSocket sender = connect();
                FrameSocket worker = connect()) {
            sender.send(Frames.encode(new Hello.PlainSender()));
            sender.send(Frames.encode(new Plain.Task("good", BigInteger.ONE, BigInteger.TWO, 1)));
            sender.send(frame("{\"task_id\":\"bad\",\"range\":[1,2]}"));

            worker.send(Frames.encode(new Hello.PlainWorker()));
            String id = Json.MAPPER
                    .readTree(worker.receive())
                    .at("/subtask/task_id")
                    .textValue();
            worker.send(Frames.encode(new Plain.SubtaskResult(id, 0, LongNode.valueOf(5))));

            assertEquals("{\"status\":\"completed\",\"result\":5}", text(sender.receive()));
            String refusal = text(sender.receive());
            assertTrue(refusal.contains("invalid_task: num_subtasks: missing"), refusal);
        }
    }

    private FrameSocket connect() throws Exception {
        return FrameSocket.connect(server.address(), 5_000, ProtocolLimits.MAX_FRAME_BYTES);
    }

    private static ByteBuffer frame(String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Frames.HEADER_BYTES + body.length)
                .putInt(body.length)
                .put(body)
                .flip();
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
