"""The raw cases of Tests/HTTPCases over real sockets, whole and in pieces, and what answers have to look like.

What a case's events mean on a connection: each message that ends gets its answer, in order; a refusal gets the one
answer with its status, then the connection ends without a reset, and whatever the client sent after it is not read as a
request. A neighbour on another connection is served all the while.
"""
import base64
import email.utils
import json
import queue
import re
import sqlite3
import threading
import time

import answers
import cases
import support

WORKERS = 8

#: Sent after what is refused; nobody may answer it.
FOLLOWER = b"GET /follower HTTP/1.1\r\nHost: a\r\n\r\n" * 2


def run(tally, arguments):
    table = cases.read()
    tally.check("there are cases", len(table) > 900, len(table))
    limits = [f"probe:gateway:{limit}" for limit in cases.LIMITS]
    with support.Application("WippyProbe", overrides=limits) as probe:
        for is_dripped in (False, True):
            play_all(tally, probe, table, echo_answer, is_dripped)
        play_all(tally, probe, cases.every_byte(), echo_answer, is_dripped=False)
        tally.check("the application that has seen every case stops as it should", probe.stop() == 0)
    check_smuggling(tally, [case for case in table if case.place.startswith("smuggling.txt")])
    answers.run(tally)


def check_smuggling(tally, table):
    """No request that is hidden in another one becomes a task; those that are sent as such do."""
    limits = [f"app:gateway:{limit}" for limit in cases.LIMITS]
    consumers = ["app:task_consumer:concurrency=64"]
    with support.Application("task-queue", overrides=limits + consumers) as tasks:
        accepted = 0
        for is_dripped in (False, True):
            statuses = play_all(tally, tasks, table, task_answer, is_dripped)
            accepted += statuses.count(202)
        tally.check("the task queue stops as it should", tasks.stop() == 0)
        with sqlite3.connect(tasks.database) as database:
            rows = [row[0] for row in database.execute("SELECT payload FROM tasks")]
        tally.check("every accepted task is a row, and no hidden one", len(rows) == accepted and accepted > 5,
                    f"{accepted} accepted, {len(rows)} rows")
        hidden = [row for row in rows if "smuggled" in row]
        tally.check("no hidden request became a task", not hidden, hidden[:3])


def play_all(tally, application, table, answer_of, is_dripped):
    """Plays every case on a few threads, each with a neighbour; returns the statuses that were answered."""
    waiting = queue.SimpleQueue()
    statuses = []
    for case in table:
        waiting.put(case)
    how = "in pieces" if is_dripped else "whole"

    def work():
        neighbour = application.connect()
        while True:
            try:
                case = waiting.get_nowait()
            except queue.Empty:
                return neighbour.close()
            flaw = attempt(lambda: play(application, case, answer_of, is_dripped, statuses))
            tally.check(f"{case.place} {case.title}, {how}", flaw is None, flaw)
            flaw = attempt(lambda: check_new(application))
            tally.check(f"a new connection is served after {case.title}, {how}", flaw is None, flaw)
            flaw = attempt(lambda: check_neighbour(neighbour))
            if not tally.check(f"a neighbour is served after {case.title}, {how}", flaw is None, flaw):
                neighbour.close()
                neighbour = application.connect()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def attempt(body):
    """What `body` returns, or the error that a connection ended with."""
    try:
        return body()
    except (OSError, EOFError, ValueError, KeyError) as error:
        return f"{type(error).__name__}: {error}"


def check_neighbour(client):
    response = client.exchange(b"GET /neighbour HTTP/1.1\r\nHost: a\r\n\r\n")
    return None if response and response.status in (200, 404) and not response.closes else f"answered {response}"


def check_new(application):
    with application.connect() as client:
        return check_neighbour(client)


def play(application, case, answer_of, is_dripped, statuses):
    """Sends a case and compares what comes back; returns what is wrong, or None."""
    expected = expectations(case.events, answer_of)
    is_refused = bool(case.events) and case.events[-1].isdigit()
    is_cut = case.events[-1:] == [b"cut"]
    with application.connect() as client:
        if is_dripped:
            client.drip(case.data)
        else:
            client.send(case.data + (FOLLOWER if is_refused else b""))
        # Who has sent everything may say so at once; who is refused must see the end without having said so.
        if is_cut or (is_dripped and not is_refused):
            client.finish_sending()
        for index, answer in enumerate(expected):
            response = client.response(answer.is_head)
            if response is None:
                return f"no answer, not {answer.status}; it would have been the {index + 1}. of {len(expected)}"
            statuses.append(response.status)
            flaw = answer.flaw(response) or general_flaw(response)
            if not flaw and index == 0 and response.status == 200 and answer.is_echo:
                flaw = fields_flaw(case.data, response)
            if flaw:
                return f"{index + 1}. answer: {flaw}"
        if not (is_cut or is_dripped or is_refused):
            client.finish_sending()
        surplus = client.receive_to_end()
        return f"then came {surplus[:200]!r}" if surplus else None


class Answer:
    """What has to come back for one message."""

    def __init__(self, status, is_head=False, echo=None, is_refusal=False):
        self.status, self.is_head, self.echo, self.is_refusal = status, is_head, echo, is_refusal

    @property
    def is_echo(self):
        return self.echo is not None and not self.is_head

    def flaw(self, response):
        if response.status != self.status:
            return f"{response.status} {response.body[:100]!r}, not {self.status}"
        if self.is_refusal:
            if not response.closes:
                return "a refusal that does not say Connection: close"
            if response.field("content-type") != "application/json":
                return f"a refusal in {response.field('content-type')}"
            if not self.is_head and not json.loads(response.body)["error"]:
                return f"a refusal that says {response.body[:100]!r}"
        if self.is_echo:
            seen = json.loads(response.body)
            got = (seen["method"].encode(), seen["target"].encode(), base64.b64decode(seen["body"]))
            if got != self.echo:
                return f"read as {got}, not as {self.echo}"
        return None


def expectations(events, answer_of):
    """The answers that a case's events lead to."""
    expected = []
    method = target = None
    body = b""
    for event in events:
        if event == b"end":
            expected.append(answer_of(method, target, body))
            method, target, body = None, None, b""
        elif event == b"cut" or event.isdigit():
            expected.append(Answer(400 if event == b"cut" else int(event), is_refusal=True,
                                   is_head=method == b"HEAD"))
        elif event.startswith(b"body "):
            body = event[5:]
        else:
            method, target = event.split(b" ", 1)
    return expected


ROUTED = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE")


def echo_answer(method, target, body):
    """What the test application answers: an echo to methods that it has routes for, a redirect from an unclean path.
    `*` is the server's own to answer."""
    if target == b"*":
        return Answer(200)
    if is_unclean(target):
        return Answer(307, method == b"HEAD")
    if method not in ROUTED:
        return Answer(405)
    return Answer(200, method == b"HEAD", (method, target, body))


def task_answer(method, target, body):
    """What the task queue answers."""
    if target != b"/tasks":
        return Answer(404, method == b"HEAD")
    if method == b"POST":
        try:
            return Answer(202 if "action" in json.loads(body) else 400)
        except ValueError:
            return Answer(400)
    return Answer({b"GET": 200, b"HEAD": 200, b"OPTIONS": 204}.get(method, 405), method == b"HEAD")


def is_unclean(target):
    """Whether a path has an empty, `.` or `..` segment before its end."""
    path = re.sub(rb"(?i)^https?://[^/?]*", b"", target).split(b"?")[0]
    segments = re.sub(rb"(?i)%2e", b".", path).split(b"/")[1:]
    return b"" in segments[:-1] or b"." in segments or b".." in segments


def general_flaw(response):
    """What no answer may lack or have; repeated fields are errors when they are asked for."""
    date = response.field("date")
    if date is None or abs(email.utils.parsedate_to_datetime(date).timestamp() - time.time()) > 60 * support.PATIENCE:
        return f"the date {date}"
    has_length = response.field("content-length") is not None
    if has_length == (response.status == 204):
        return f"Content-Length: {response.field('content-length')}"
    return "Transfer-Encoding" if response.field("transfer-encoding") else None


def fields_flaw(data, response):
    """Whether the version and the fields, in order, are those that were sent."""
    head = data[2:] if data.startswith(b"\r\n") else data
    lines = head.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    sent = [[name.decode(), value.strip(b" \t").decode("utf-8", "replace")]
            for name, _, value in (line.partition(b":") for line in lines[1:])]
    seen = json.loads(response.body)
    version = "http10" if lines[0].endswith(b"HTTP/1.0") else "http11"
    if (seen["version"], seen["fields"]) != (version, sent):
        return f"fields read as {seen['version']} {seen['fields']}, not as {version} {sent}"
    return None
