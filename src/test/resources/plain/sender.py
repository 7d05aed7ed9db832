"""A sender of the original system: several tasks on one connection, one message each; prints a line for each."""
import json
import socket
import struct
import sys

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=35)


def send(message):
    body = json.dumps(message).encode()
    connection.sendall(struct.pack(">I", len(body)) + body)


def receive():
    return json.loads(connection.recv(struct.unpack(">I", connection.recv(4))[0]))


send({"type": "task_sender"})
for argument in sys.argv[3:]:
    task_id, start, end, subtasks = argument.split(",")
    send({"task_id": task_id, "range": [int(start), int(end)], "num_subtasks": int(subtasks)})
    print(json.dumps(receive()), flush=True)
