"""A worker of the original system: it says hello once, then reads; what recv() returns is taken as whole."""
import json
import socket
import struct
import sys
import time

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=35)
die_at = int(sys.argv[3]) if len(sys.argv) > 3 else None  # disconnect in the middle of the n-th subtask
done = 0


def send(message):
    body = json.dumps(message).encode()
    connection.sendall(struct.pack(">I", len(body)) + body)


def receive():
    header = connection.recv(4)
    if not header:
        sys.exit(0)
    return json.loads(connection.recv(struct.unpack(">I", header)[0]))


send({"type": "worker"})
print("ready", flush=True)
while True:
    message = receive()
    if message["status"] == "no_task":
        time.sleep(1)
        continue
    subtask = message["subtask"]
    done += 1
    if done == die_at:
        connection.close()
        sys.exit(9)
    start, end = subtask["range"]
    send({
        "task_id": subtask["task_id"],
        "subtask_index": subtask["subtask_index"],
        "result": sum(i * i for i in range(start, end + 1)),
    })
