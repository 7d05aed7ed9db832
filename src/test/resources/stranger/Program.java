package stranger;

import io.divvy.client.DivvyClient;
import io.divvy.client.TaskRequest;
import io.divvy.protocol.CombineMode;
import io.divvy.task.Subtasks;
import io.divvy.task.TaskType;
import io.divvy.task.TaskTypes;
import io.divvy.task.example.VowelCount;
import io.divvy.task.testkit.TaskTypeKit;
import io.divvy.worker.Worker;
import java.net.InetSocketAddress;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Somebody else's program: a task type, a worker that has it, and a client that submits a task of it to a server that has not.
 * The argument is the port of the server.
 */
public final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
        InetSocketAddress server = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        TaskType type = new VowelCount();
        TaskTypeKit.of(type).check();

        Worker worker = new Worker(new Worker.Config(server, "stranger", 1, 4, new TaskTypes(List.of(type))));
        Thread works = new Thread(() -> run(worker));
        works.start();

        try (DivvyClient client = DivvyClient.connect(server)) {
            System.out.println("vowels: " + client.submit(taskOf(type)).await());
        }
        System.out.println(
                "logged by: " + LoggerFactory.getILoggerFactory().getClass().getName());

        worker.drain();
        works.join();
    }

    /** It brings its payloads, so the server needs no code for it. */
    private static TaskRequest taskOf(TaskType type) throws Exception {
        Subtasks subtasks = type.split(type.exampleParams().get(0), 4L);
        TaskRequest request = TaskRequest.of(type.name()).combine(CombineMode.SUM);
        for (long index = 0; index < subtasks.count(); index++) {
            request.payload(subtasks.payload(index));
        }
        return request;
    }

    private static void run(Worker worker) {
        try {
            worker.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
