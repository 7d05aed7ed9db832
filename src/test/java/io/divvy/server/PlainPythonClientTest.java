package io.divvy.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.divvy.testing.TcpServer;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What simple scripts do: {@code recv(4)}, then {@code recv(length)}, and what comes is taken for the whole. */
class PlainPythonClientTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static void send(Socket socket, String json) throws IOException {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        socket.getOutputStream()
                .write(ByteBuffer.allocate(4).putInt(text.length).array());
        socket.getOutputStream().write(text);
    }

    private static JsonNode receive(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] header = new byte[4];
        if (in.read(header) != 4) {
            throw new SocketException("the connection closed");
        }
        byte[] text = new byte[ByteBuffer.wrap(header).getInt()];
        int count = in.read(text);
        return MAPPER.readTree(text, 0, count);
    }

    private static Socket connect(TcpServer server, String role) throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        socket.setSoTimeout(35_000);
        send(socket, "{'type':'" + role + "'}");
        return socket;
    }

    private static BigInteger sumOfSquares(JsonNode range) {
        BigInteger sum = BigInteger.ZERO;
        for (BigInteger n = range.get(0).bigIntegerValue();
                n.compareTo(range.get(1).bigIntegerValue()) <= 0;
                n = n.add(BigInteger.ONE)) {
            sum = sum.add(n.multiply(n));
        }
        return sum;
    }

    private static int work(Socket socket) {
        int answered = 0;
        try {
            while (true) {
                JsonNode message = receive(socket);
                if (message.get("status").textValue().equals("task_available")) {
                    JsonNode subtask = message.get("subtask");
                    send(
                            socket,
                            "{'task_id':" + subtask.get("task_id") + ",'subtask_index':" + subtask.get("subtask_index")
                                    + ",'result':" + sumOfSquares(subtask.get("range")) + "}");
                    answered++;
                }
            }
        } catch (IOException e) {
            return answered; // Closed by the test.
        }
    }

    @Test
    void simpleScriptsGetTheirAnswers() throws IOException {
        try (TcpServer server = TcpServer.start();
                Socket sender = connect(server, "task_sender")) {
            List<Socket> sockets = new ArrayList<>();
            List<CompletableFuture<Integer>> workers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Socket socket = connect(server, "worker");
                sockets.add(socket);
                // A thread each: the common pool may have but one, and they block.
                workers.add(CompletableFuture.supplyAsync(() -> work(socket), task -> new Thread(task).start()));
            }
            for (int i = 0; i < 5; i++) {
                send(sender, "{'task_id':'task-" + i + "','range':[1,1000],'num_subtasks':20}");
                assertEquals(
                        "{\"status\":\"completed\",\"result\":333833500}",
                        receive(sender).toString());
            }
            for (Socket socket : sockets) {
                socket.close();
            }
            assertEquals(
                    5 * 20, workers.stream().mapToInt(CompletableFuture::join).sum(), "each subtask was done once");
        }
    }
}
