package io.divvy.attack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** What senders do. */
final class SenderAttacks {
    /** Of tasks that only attackers have workers for. */
    static final String TYPE = "attacked";
    /** Of tasks that nobody has workers for. */
    static final String UNTAKEN = "untaken";

    private static final String LARGE = "'" + "x".repeat(1 << 20) + "'";

    private static final int BATCH = 100;
    /** Below what one connection may wait for. */
    private static final int TASKS_OF_A_CONNECTION = 9_000;

    static final List<Attack> ALL = List.of(
            Attack.of(
                            "tiny-tasks",
                            "16 senders submit tasks of one tiny subtask that nobody takes, 9,000 a connection",
                            crowd -> crowd.each(16, () -> submitTinyTasks(crowd)))
                    .thatFillsTheServer(),
            Attack.of(
                            "payloads",
                            "8 senders submit tasks with 3 MiB of payloads that nobody takes",
                            crowd -> crowd.each(8, () -> submitAgainAndAgain(crowd, LARGE + "," + LARGE + "," + LARGE)))
                    .thatFillsTheServer(),
            Attack.of(
                            "many-payloads",
                            "8 senders submit tasks of 10,000 payloads of one digit that nobody takes",
                            crowd -> crowd.each(8, () -> submitAgainAndAgain(crowd, "1" + ",1".repeat(9_999))))
                    .thatFillsTheServer(),
            Attack.of(
                            "pipelined",
                            "4 senders submit tasks of one quick subtask without waiting, and 2 workers do them",
                            SenderAttacks::pipeline)
                    .thatFillsTheServer(),
            Attack.of(
                    "bad-json",
                    "8 TCP and 8 HTTP clients send broken JSON, deep nesting, huge numbers and huge exponents",
                    SenderAttacks::sendBadJson));

    private static final List<String> BAD_TASKS = List.of(
            "{'type':'sum_of_squares','params':{'start':1,'end':1e999999999}}",
            "{'type':'sum_of_squares','params':{'start':1,'end':" + "9".repeat(100_000) + "}}",
            "{'type':'sum_of_squares','params':{'start':1,'end':1E+2147483648}}",
            "{'type':'x','payloads':" + "[".repeat(50_000) + "]".repeat(50_000) + "}",
            "{'type':'x','payloads':[1,2,}",
            "{'type':'sum_of_squares','params':{'start':1,'end':1" + "0".repeat(999) + "},'subtasks':1e15}",
            "{'type':'x','payloads':[1,1e100001],'combine':'sum'}",
            "[]",
            "\u0000\u0001");

    private SenderAttacks() {}

    static String submit(String task) {
        return "{'type':'submit','request':1,'task':" + task + "}";
    }

    /** The same message many times. */
    static byte[] batch(String json, int count) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        byte[] frame = FloodPeer.frame(json);
        for (int number = 0; number < count; number++) {
            frames.writeBytes(frame);
        }
        return frames.toByteArray();
    }

    private static void submitTinyTasks(Crowd crowd) throws IOException {
        byte[] batch = batch(submit("{'type':'" + UNTAKEN + "','payloads':[1]}"), BATCH);
        try (FloodPeer sender = FloodPeer.open(crowd, FloodPeer.SENDER)) {
            for (int sent = 0; sent < TASKS_OF_A_CONNECTION; sent += BATCH) {
                sender.send(batch, BATCH);
            }
        }
    }

    private static void submitAgainAndAgain(Crowd crowd, String payloads) throws IOException {
        byte[] frame = FloodPeer.frame(submit("{'type':'" + UNTAKEN + "','payloads':[" + payloads + "]}"));
        try (FloodPeer sender = FloodPeer.open(crowd, FloodPeer.SENDER)) {
            while (!sender.isCut()) {
                sender.send(frame, 1);
            }
        }
    }

    private static void pipeline(Crowd crowd) {
        crowd.each(2, () -> WorkerAttacks.work(crowd, TYPE, 64));
        byte[] batch = batch(submit("{'type':'" + TYPE + "','payloads':[1],'combine':'sum'}"), BATCH);
        crowd.each(4, () -> {
            try (FloodPeer sender = FloodPeer.open(crowd, FloodPeer.SENDER)) {
                while (!sender.isCut()) {
                    sender.send(batch, BATCH);
                }
            }
        });
    }

    private static void sendBadJson(Crowd crowd) {
        crowd.each(8, () -> {
            for (String task : BAD_TASKS) {
                try (FloodPeer sender = FloodPeer.open(crowd, FloodPeer.SENDER)) {
                    sender.send(FloodPeer.frame(submit(task)), 1);
                    Crowd.pauseMs(1);
                }
            }
        });
        crowd.each(8, () -> {
            try (HttpPeer http = new HttpPeer(crowd.target().http(), 0)) {
                for (String task : BAD_TASKS) {
                    http.post("/tasks", task.replace('\'', '"'));
                    crowd.tally().add("sent", 1);
                    crowd.tally().add(Integer.toString(http.readAnswer()), 1);
                }
            }
        });
    }
}
