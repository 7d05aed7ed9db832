package io.divvy.protocol;

import io.divvy.protocol.ToWorker.PayloadArray;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The two messages of which there are most: a worker's results in, a lease with its payloads out. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
    private static final String TASK = "019ab2c4-7f00-7000-8000-000000000001";

    @Param({"1", "64"})
    private int subtasks;

    private byte[] result;
    private ToWorker.Assign assign;

    @Setup
    public void write() throws ProtocolException {
        String results = LongStream.range(0, subtasks)
                .mapToObj(index -> Long.toString(4_000_000_000L + index * 12_345))
                .collect(Collectors.joining(","));
        result = ("{\"type\":\"result\",\"lease\":123456,\"from\":7890123,\"results\":[" + results + "]}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] payloads = LongStream.range(0, subtasks)
                .mapToObj(index -> "{\"start\":" + index * 10 + ",\"end\":" + (index * 10 + 9) + "}")
                .collect(Collectors.joining(",", "[", "]"))
                .getBytes(StandardCharsets.UTF_8);
        PayloadArray array = PayloadArray.of(Json.read(payloads, 0, payloads.length));
        assign = new ToWorker.Assign(123456, TASK, 7_890_123, 7_890_123 + subtasks, array);
    }

    @Benchmark
    public FromWorker readResult() throws ProtocolException {
        return FromWorker.read(result, 0, result.length);
    }

    @Benchmark
    public ByteBuffer writeAssign() {
        return Frames.encode(assign);
    }
}
