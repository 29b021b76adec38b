"""The server under test: how it is started, and whether what it answers is what the grammar says."""
import base64
import json
import os
import re
import socket
import struct
import subprocess
import tempfile
import time

import cases
import support

PROJECT = """version: "1.0"
namespace: probe

entries:
  - name: gateway
    kind: http.service
    addr: "127.0.0.1:0"
    lifecycle: {auto_start: true}

  - name: router
    kind: http.router
    meta: {server: probe:gateway}

  - name: echo
    kind: function.swift
    handler: Echo
"""
ENDPOINT = """
  - name: {name}
    kind: http.endpoint
    meta: {{router: probe:router}}
    method: {method}
    path: "/{{path...}}"
    func: probe:echo
"""

#: How long an exchange may take; a healthy one takes a millisecond.
SECONDS = 20 * support.PATIENCE
#: From here on a server may have lost its patience, which it has for a second once a client has ended.
HELD_UP = 0.5
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
HEAD = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9]) [ -~]+\r\n((?:[!#-9;-~]+: [\t -~\x80-\xff]*\r\n)*)\r\n")
LENGTH = re.compile(rb"(?:^|\r\n)Content-Length: ([0-9]+)\r\n")


class Server(support.Application):
    """The test application with nothing but its echo, as a child process; to be used in `with`."""

    def __init__(self):
        support.binary("WippyProbe")
        folder = tempfile.mkdtemp(prefix="wippy-fuzz-")
        os.makedirs(os.path.join(folder, "src"))
        endpoints = [ENDPOINT.format(name=method.lower(), method=method)
                     for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")]
        with open(os.path.join(folder, "src", "_index.yaml"), "w", encoding="utf8") as file:
            file.write(PROJECT + "".join(endpoints))
        self.projects = {"WippyProbe": folder}
        limits = [f"probe:gateway:{limit}" for limit in cases.LIMITS]
        super().__init__("WippyProbe", overrides=limits, folder=folder, wait=False)
        self.is_folder_own = True
        try:
            self.wait_until_listening()
        except BaseException:
            self.end()
            raise

    def has_ended(self):
        """Whether it has; waits a little, since a process that ends closes its connections first."""
        try:
            self.process.wait(0.1)
        except subprocess.TimeoutExpired:
            return False
        return True


def exchange(port, conversations):
    """Sends the pieces of each conversation on a connection of its own, and says what came back and how it ended.

    An exchange that was held up is made again: a server has the right to end with a client that takes its time.
    """
    for _ in range(3):
        begin = time.monotonic()
        received = converse(port, conversations)
        if time.monotonic() - begin < HELD_UP:
            break
    return received


def converse(port, conversations):
    """All connections are open at once, and piece follows piece in all of them in turn.

    What a conversation sends and receives is little, so that the kernel takes it while nobody reads.
    """
    sockets, limit = [], struct.pack("ll", int(SECONDS), 0)
    try:
        for _ in conversations:
            client = socket.socket()
            sockets.append(client)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.connect(("127.0.0.1", port))
        for turn in range(max(map(len, conversations))):
            for client, pieces in zip(sockets, conversations):
                if turn < len(pieces):
                    send(client, pieces[turn], turn == len(pieces) - 1)
        return [receive(client) for client in sockets]
    except ConnectionRefusedError:
        return [(b"", "refusal")] * len(conversations)
    finally:
        for client in sockets:
            client.close()


def send(client, piece, is_last):
    try:
        client.sendall(piece)
        if is_last:
            client.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # What came back tells whether the server was right to end.


def receive(client):
    """All bytes until the connection ends, and 'end', 'reset' or 'silence'."""
    received = []
    try:
        while data := client.recv(1 << 16):
            received.append(data)
    except BlockingIOError:
        return b"".join(received), "silence"
    except OSError:
        return b"".join(received), "reset"
    return b"".join(received), "end"


class Misframed(Exception):
    """What came back is no sequence of answers."""


def read(data, answers):
    """The answers in what came back, as status, content and whether it said that it is the last."""
    found, position = [], 0
    while True:
        answer = answers[len(found)] if len(found) < len(answers) else None
        if data.startswith(INTERIM, position):
            if not (answer and answer.message.expects_continue):
                raise Misframed("an interim answer that nobody waits for")
            position += len(INTERIM)
        if position == len(data):
            return found
        if found and found[-1][2]:
            raise Misframed("something follows the last answer")
        head = HEAD.match(data, position)
        if not head:
            raise Misframed("something that is no answer")
        lengths = LENGTH.findall(head[2])
        if len(lengths) != 1 or b"Transfer-Encoding" in head[2] or head[2].count(b"Date: ") != 1:
            raise Misframed("an answer without one length and one date")
        start, length = head.end(), int(lengths[0])
        position = start + (length if answer is None or answer.has_content else 0)
        if position > len(data):
            raise Misframed("an answer that is cut off")
        found.append((int(head[1]), data[start:position], b"Connection: close\r\n" in head[2]))


def check(data, ending, answers):
    """What is wrong with what came back, in a few words; None if it is what the grammar says."""
    try:
        found = read(data, answers)
    except Misframed as error:
        return f"ours sends {error}"
    for answer, (status, content, is_last) in zip(answers, found):
        if status != answer.status:
            return f"ours answers {status} for {answer.status} ({answer.flaw or 'accepted'})"
        if answer.is_refusal and not is_last:
            return "ours refuses without saying that it closes"
        if answer.is_refusal and answer.has_content and content != b'{"error":"%s"}' % answer.text.encode():
            return f"ours gives another reason for {answer.flaw}"
        if answer.is_echo and (difference := different(answer.message, content)):
            return f"ours reads another {difference}"
    if len(found) != len(answers):
        return f"ours answers {'more' if len(found) > len(answers) else 'fewer'} requests than there are"
    return None if ending == "end" else f"ours ends with a {ending}"


def different(message, content):
    """What of the request the echo has otherwise; None if nothing."""
    echo = json.loads(content)
    if echo["method"].encode() != message.method:
        return "method"
    if echo["target"].encode() != message.target:
        return "target"
    if echo["version"] != ("http10" if message.version == b"HTTP/1.0" else "http11"):
        return "version"
    # Handlers get values as text: what is not UTF-8 in them is U+FFFD.
    fields = [(name.lower().encode(), value) for name, value in echo["fields"]]
    if fields != [(name, value.decode("utf-8", "replace")) for name, value in message.fields]:
        return "field"
    if base64.b64decode(echo["body"]) != message.body:
        return "body"
    return None
