package io.divvy.attack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What workers do. */
final class WorkerAttacks {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final byte[] HEARTBEAT = FloodPeer.frame("{'type':'heartbeat'}");

    private static final int DECLARING_WORKERS = 300;
    private static final int DECLARED_TYPES = 1_000;
    private static final int DECLARED_FOR_MS = 5_000;
    private static final int WORDY_WORKERS = 4;
    private static final int WORDS = 5_000;
    private static final int WORD_LETTERS = 180;
    private static final int BETWEEN_WORDY_ANSWERS_MS = 80;
    private static final int DYING_THREADS = 25;
    private static final int LIFE_MS = 1_000 * DYING_THREADS / 500;
    private static final int BREAKERS = 16;
    private static final int BREAKER_PATIENCE_MS = 100;

    static final List<Attack> ALL = List.of(
            Attack.of(
                    "declarations",
                    "300 workers that name 1,000 task types each come and go, and 8 clients ask for /task-types",
                    WorkerAttacks::declare),
            Attack.of(
                    "long-words",
                    "4 workers answer word_count with 5,000 words of 180 letters, all different, 50 answers a second",
                    WorkerAttacks::answerWithLongWords),
            Attack.of(
                    "dying-workers",
                    "500 workers each second join for any type of task and die, at once if they get something",
                    crowd -> crowd.each(DYING_THREADS, () -> joinAndDie(crowd))),
            Attack.of(
                    "protocol-breakers",
                    "16 workers answer in ways that break the protocol, and come back",
                    WorkerAttacks::breakTheProtocol));

    /** With {@code %d} for a lease. */
    private static final List<String> BROKEN_ANSWERS = List.of(
            "{'type':'result','lease':%d,'from':999999,'results':[1]}",
            "{'type':'result','lease':%d,'from':-1,'results':[1,2,3]}",
            "{'type':'result','lease':%d,'from':0,'to':9,'combined':1}",
            "{'type':'result','lease':%d,'from':0,'results':[1,}",
            "{'type':'result','lease':%d,'from':0,'results':[NaN]}",
            "{'type':'result','lease':999999999,'from':0,'results':[1]}",
            "{'type':'released','lease':%d,'from':999999}",
            "{'type':'result','task_id':'00000000-0000-7000-8000-000000000000','from':0,'results':[1]}",
            "{'type':'nonsense','lease':%d}");

    private WorkerAttacks() {}

    private static String hello(String kind, int credit, String types) {
        return "{'type':'worker','protocol':2,'name':'" + kind + "-" + NUMBERS.incrementAndGet()
                + "','slots':1,'credit':" + credit + ",'task_types':[" + types + "]}";
    }

    private static JsonNode read(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isAssign(JsonNode message) {
        return message.path("type").asText().equals("assign");
    }

    /** Answers each subtask with 1, in a message of its own, until it is cut. */
    static void work(Crowd crowd, String type, int credit) throws IOException {
        try (FloodPeer worker = FloodPeer.open(crowd, hello("busy", credit, "'" + type + "'"), (peer, text) -> {
            JsonNode message = read(text);
            if (isAssign(message)) {
                answerWithOnes(peer, message);
            }
        })) {
            while (!worker.isCut()) {
                Crowd.pauseMs(1_000);
                worker.send(HEARTBEAT, 0);
            }
        }
    }

    private static void answerWithOnes(FloodPeer worker, JsonNode assign) {
        long to = assign.get("to").longValue();
        for (long index = assign.get("from").longValue(); index < to; index++) {
            worker.sendUnchecked(FloodPeer.frame(
                    "{'type':'result','lease':" + assign.get("lease") + ",'from':" + index + ",'results':[1]}"));
        }
    }

    private static void declare(Crowd crowd) {
        crowd.each(DECLARING_WORKERS, () -> {
            String life = Integer.toString(NUMBERS.incrementAndGet());
            // As long as the bound on a first frame lets 1,000 of them be.
            String types = IntStream.range(0, DECLARED_TYPES)
                    .mapToObj(type -> "'a-type-that-nobody-ever-needs-" + life + "-" + type + "'")
                    .collect(Collectors.joining(","));
            try (FloodPeer worker = FloodPeer.open(crowd, hello("declarer", 1, types))) {
                worker.send(HEARTBEAT, 1);
                Crowd.pauseMs(DECLARED_FOR_MS);
            }
        });
        ReaderAttacks.ask(crowd, 8, "/task-types");
    }

    private static void answerWithLongWords(Crowd crowd) {
        String texts = "'a'" + ",'a'".repeat(999);
        byte[] submission =
                FloodPeer.frame(SenderAttacks.submit("{'type':'word_count','params':{'texts':[" + texts + "]}}"));
        crowd.each(1, () -> {
            try (FloodPeer sender = FloodPeer.open(crowd, FloodPeer.SENDER)) {
                while (!sender.isCut()) {
                    sender.send(submission, 1);
                    Crowd.pauseMs(1_000);
                }
            }
        });
        crowd.each(WORDY_WORKERS, () -> {
            BlockingQueue<String> subtasks = new LinkedBlockingQueue<>();
            try (FloodPeer worker = FloodPeer.open(crowd, hello("wordy", 4, "'word_count'"), (peer, text) -> {
                JsonNode message = read(text);
                for (long index = message.path("from").asLong();
                        index < message.path("to").asLong();
                        index++) {
                    subtasks.add("'lease':" + message.get("lease") + ",'from':" + index);
                }
                if (message.path("server").asText().equals(Sink.NAME)) {
                    // A sink gives nothing to answer, and gets as many answers all the same.
                    IntStream.range(0, 100_000).forEach(any -> subtasks.add("'lease':1,'from':0"));
                }
            })) {
                while (!worker.isCut()) {
                    Crowd.pauseMs(BETWEEN_WORDY_ANSWERS_MS);
                    String subtask = subtasks.poll();
                    worker.send(subtask == null ? HEARTBEAT : wordyAnswer(subtask), 1);
                }
            }
        });
    }

    private static byte[] wordyAnswer(String subtask) {
        String life = Integer.toString(NUMBERS.incrementAndGet());
        String words = IntStream.range(0, WORDS)
                .mapToObj(word -> {
                    String start = life + "-" + word + "-";
                    return "'" + start + "w".repeat(WORD_LETTERS - start.length()) + "':1";
                })
                .collect(Collectors.joining(","));
        return FloodPeer.frame("{'type':'result'," + subtask + ",'results':[{" + words + "}]}");
    }

    private static void joinAndDie(Crowd crowd) throws IOException {
        long bornNanos = System.nanoTime();
        BlockingQueue<String> gotSomething = new LinkedBlockingQueue<>();
        try (FloodPeer worker = FloodPeer.open(crowd, hello("passer-by", 4, "'*'"), (peer, text) -> {
            if (isAssign(read(text))) {
                gotSomething.add(text);
            }
        })) {
            worker.send(HEARTBEAT, 1);
            if (poll(gotSomething, LIFE_MS) != null) {
                crowd.tally().add("died with something", 1);
            }
        }
        Crowd.pauseMs(LIFE_MS - (System.nanoTime() - bornNanos) / 1_000_000);
    }

    private static String poll(BlockingQueue<String> queue, int patienceMs) {
        try {
            return queue.poll(patienceMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts an attacker", e);
        }
    }

    private static void breakTheProtocol(Crowd crowd) {
        byte[] submission = FloodPeer.frame(
                SenderAttacks.submit("{'type':'" + SenderAttacks.TYPE + "','payloads':[1,2,3,4],'combine':'sum'}"));
        crowd.each(1, () -> {
            try (FloodPeer sender = FloodPeer.open(crowd, FloodPeer.SENDER)) {
                while (!sender.isCut()) {
                    sender.send(submission, 1);
                    Crowd.pauseMs(10);
                }
            }
        });
        crowd.each(BREAKERS, () -> {
            BlockingQueue<String> leases = new LinkedBlockingQueue<>();
            String type = "'" + SenderAttacks.TYPE + "'";
            try (FloodPeer worker = FloodPeer.open(crowd, hello("breaker", 4, type), (peer, text) -> {
                JsonNode message = read(text);
                if (isAssign(message)) {
                    leases.add(message.get("lease").asText());
                }
            })) {
                String lease = poll(leases, BREAKER_PATIENCE_MS);
                String answer = BROKEN_ANSWERS.get(NUMBERS.incrementAndGet() % BROKEN_ANSWERS.size());
                worker.send(FloodPeer.frame(answer.replace("%d", lease == null ? "1" : lease)), 1);
                Crowd.pauseMs(5);
            }
        });
    }
}
