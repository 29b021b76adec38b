"""Stops under load: whatever was begun is answered, nobody is reset, and no accepted task is lost.

What TCP lets a server promise, and what is tested here:

- A request that was sent before the signal is answered whole, and so is one that was sent less than `GRACE` later on a
  connection that was open. One that is sent later can cross the server's end of an idle connection; its client then
  gets a clean end, and never a reset.
- Of requests that were sent one behind another, those are answered that the server has read. The last answer says
  `Connection: close`, which tells the client that what it sent behind that one has not been read.
- Whoever connects later is refused.
"""
import collections
import contextlib
import random
import re
import signal
import sqlite3
import threading
import time

import queue_stops
from slow_clients import SMALL, allow_open_files, counted, drip, figure, guarded, pattern, readable, together
from support import PATIENCE, Application, Response, eventually, get, meanwhile, post, trickle, wait_for

#: How long after the signal an idle connection is read at least, in seconds; the server waits longer.
GRACE = 0.06
TASK = post(b'{"action":"sum","data":{"numbers":[1,2,3]}}')
QUICK_TASKS = ["app:process_task:config.delay=5ms", "app:task_consumer:concurrency=8"]


def run(tally, arguments):
    """Runs the single stops, all at the same time, then as many rounds under load as asked for."""
    allow_open_files(4000)
    together(tally, [(scenario,) for scenario in SINGLE])
    # These mostly wait, so some run at the same time.
    for first in range(0, arguments.rounds, 4):
        numbers = range(first, min(first + 4, arguments.rounds))
        together(tally, [(queue_stops.round_of_queues, number, arguments.seed) for number in numbers])
    for number in range(arguments.rounds):
        guarded(tally, round_under_load, number, arguments.seed)


# Under load.

class Load:
    """Clients of the Task Queue that note what becomes of each of their requests."""

    def __init__(self, application, seed):
        self.application = application
        self.random = random.Random(seed)
        self.signalled = float("inf")
        self.accepted = []
        self.problems = []
        self.threads = []
        self.answers = 0
        self.crossed = 0

    def start(self, client, *arguments):
        generator = random.Random(self.random.random())
        self.threads.append(threading.Thread(target=self.noted, args=(client, generator, *arguments), daemon=True))
        self.threads[-1].start()

    def noted(self, client, *arguments):
        try:
            client(self, *arguments)
        except Exception as error:  # noqa: BLE001, whatever a client sees is a finding
            since = time.monotonic() - self.signalled
            self.problems.append(f"{client.__name__}: {error!r} {since * 1e3:.0f} ms after the signal")

    def connect(self):
        """A connection, or None once the server refuses."""
        try:
            return self.application.connect()
        except ConnectionRefusedError:
            if time.monotonic() < self.signalled:
                raise
            return None

    def must_be_answered(self, sent):
        return sent < self.signalled + GRACE

    def answered(self, client, sent, kind="request", may_end=False):
        """Reads the answer to what was sent then; None if the connection has come to its end instead."""
        response = client.response()
        if response is None:
            if self.must_be_answered(sent) and not may_end:
                self.problems.append(f"{kind}: no answer, sent {(sent - self.signalled) * 1e3:.0f} ms after the signal")
            self.crossed += 1
            return None
        if response.status not in (200, 202):
            self.problems.append(f"{kind}: {response.status} {response.body[:100]!r}")
        if response.status == 202:
            self.accepted.append(re.search(rb'"id":"([^"]*)"', response.body)[1].decode())
        self.answers += 1
        if response.closes:
            rest = client.receive_to_end()
            if rest:
                self.problems.append(f"{kind}: {rest[:100]!r} behind the last answer")
        return response

    def sent(self, client, data):
        """Sends something; False if the server had ended the connection before."""
        try:
            client.send(data)
        except ConnectionError:
            # Only if the server's end was there before is that no reset.
            if client.receive_more():
                raise
            return False
        return True

    def ask(self, client, request, kind="request"):
        """Sends a request and reads its answer; False once the connection is over."""
        if not self.sent(client, request):
            return False
        response = self.answered(client, time.monotonic(), kind)
        return response is not None and not response.closes

    def end(self):
        """Waits for the clients; each has seen its connection's end, or is refused."""
        for thread in self.threads:
            thread.join(15 * PATIENCE)
            if thread.is_alive():
                self.problems.append(f"a client has seen no end: {thread}")


def newcomer(load, chance):
    """A connection for each request."""
    while client := load.connect():
        with client:
            if chance.random() < 0.3:
                load.ask(client, TASK.replace(b"Host", b"Connection: close\r\nHost"), "newcomer")
            else:
                load.ask(client, TASK, "newcomer")
        trickle(chance.uniform(0, 0.004))


def regular(load, chance):
    """One request after another on one connection."""
    with load.connect() as client:
        while load.ask(client, TASK if chance.random() < 0.8 else get(), "regular"):
            pass


def thinker(load, chance):
    """A connection that is used now and then."""
    with load.connect() as client:
        while load.ask(client, TASK, "thinker"):
            if readable(client, chance.uniform(0, 0.3)):
                break
        check_end(load, client, "thinker")


def pipeliner(load, chance):
    """Several requests in one piece, then their answers."""
    with load.connect() as client:
        while True:
            count = chance.randint(2, 20)
            client.send(TASK * count)
            sent = time.monotonic()
            for number in range(count):
                response = load.answered(client, sent, f"{number} of {count} in one piece")
                if response is None or response.closes:
                    if response and number < count - 1 and load.must_be_answered(sent):
                        load.problems.append(f"only {number + 1} of {count} requests in one piece are answered")
                    return


def deep_pipeliner(load, chance):
    """Requests whenever there is time, and answers as they come."""
    with load.connect() as client:
        client.socket.settimeout(15 * PATIENCE)
        waiting, sent = 0, 0.0
        while True:
            is_sending = time.monotonic() < load.signalled + 0.3
            if readable(client, 0 if waiting < 40 and is_sending else 15 * PATIENCE):
                # With everything answered it is an idle connection, whose end may come any time after the signal.
                response = load.answered(client, sent, f"deep pipeline with {waiting} waiting", may_end=not waiting)
                if response is None or response.closes:
                    return
                waiting -= 1
            elif not is_sending:
                load.problems.append(f"deep pipeline: no end, {waiting} waiting")
                return
            elif load.sent(client, TASK * 3):
                sent = time.monotonic()
                waiting += 3
                trickle(chance.uniform(0, 0.002))
            else:
                if waiting:
                    load.problems.append(f"deep pipeline: ended with {waiting} waiting")
                return


def slow_sender(load, chance):
    """A request that is sent in small pieces."""
    while client := load.connect():
        with client:
            pieces = chance.randint(5, 40)
            pause = chance.uniform(0.1, 0.8) / pieces
            begin = time.monotonic()
            client.drip(TASK, [len(TASK) // pieces + 1], pause)
            response = load.answered(client, begin, "slow sender")
            if response is None:
                return


def expecting(load, chance):
    """A body that waits for 100."""
    head, body = TASK.split(b"\r\n\r\n")
    head = head.replace(b"Host", b"Expect: 100-continue\r\nHost") + b"\r\n\r\n"
    while client := load.connect():
        with client:
            client.send(head)
            sent = time.monotonic()
            interim = client.response()
            if interim is None:
                if load.must_be_answered(sent):
                    load.problems.append("expecting: no answer")
                return
            if interim.status != 100:
                load.problems.append(f"expecting: {interim.status} instead of 100")
            trickle(chance.uniform(0, 0.2))
            client.send(body)
            load.answered(client, sent, "expecting")


def idler(load, chance):
    """A connection on which nothing happens any more, or never did."""
    with load.connect() as client:
        if chance.random() < 0.7:
            load.ask(client, TASK, "idler")
        check_end(load, client, "idler")


def check_end(load, client, kind):
    rest = client.receive_to_end()
    if rest:
        load.problems.append(f"{kind}: {rest[:100]!r} at the end")
    if time.monotonic() < load.signalled:
        load.problems.append(f"{kind}: the connection ended before the stop")


#: What a round may have: how long a task takes, how many are worked on at once, how many may wait, and the deadline.
KINDS = [
    dict(delay="5ms", concurrency=32), dict(delay="1ms", concurrency=8), dict(delay="20ms", concurrency=128),
    dict(delay="0ms", concurrency=2), dict(delay="5ms", concurrency=8, room=60),
    dict(delay="20ms", concurrency=2, deadline=1),
]
EVERYONE = [newcomer, newcomer, regular, regular, thinker, thinker, thinker, pipeliner, deep_pipeliner, slow_sender,
            slow_sender, expecting, idler, idler, idler]
QUICK = [newcomer, regular, thinker, pipeliner, idler]


def round_under_load(tally, number, seed):
    """SIGTERM at a random moment under load of all kinds."""
    chance = random.Random(f"{seed}-{number}")
    kind = KINDS[number % len(KINDS)]
    deadline = kind.get("deadline")
    overrides = [f"app:process_task:config.delay={kind['delay']}",
                 f"app:task_consumer:concurrency={kind['concurrency']}",
                 f"app:tasks_queue:driver_options.memory.max_length={kind.get('room', 10_000)}"]
    settings = [f"runtime.loops={chance.choice([1, 2, 2])}"] + ([f"shutdown.timeout={deadline}s"] if deadline else [])
    title = f"round {number} of seed {seed}, {kind}"
    with Application("task-queue", overrides, settings) as application:
        load = Load(application, chance.random())
        for client in QUICK if deadline else EVERYONE:
            load.start(client)
        meanwhile(chance.uniform(0.05, 0.5))
        load.signalled = time.monotonic()
        application.signal(chance.choice([signal.SIGTERM, signal.SIGTERM, signal.SIGINT]))
        seconds = deadline or 30
        status = exit_status(application, seconds + 1)
        elapsed = time.monotonic() - load.signalled
        load.end()
        log = application.text()
        tally.check(f"{title}: every request is answered and nobody is reset", not load.problems,
                    f"{len(load.problems)} of {load.answers}: {load.problems[:5]}")
        tally.check(f"{title}: exit status 0 within the deadline", status == 0, f"{status} after {elapsed:.2f} s")
        tally.check(f"{title}: no error in the log", " error " not in log, log[-2000:])
        check_tasks(tally, title, application, load.accepted, log, may_leave=deadline)
        check_again(tally, title, application, min(100, len(stored(application))))
        figure(f"{title}: {load.answers} answers, {load.crossed} ends, stopped in {elapsed:.2f} s")


def check_tasks(tally, title, application, accepted, log, may_leave=None):
    rows, left = stored(application), re.findall(r"lost when the process ends count=(\d+)", log)
    left = sum(map(int, left))
    tally.check(f"{title}: no task is stored that was not accepted", not set(rows) - set(accepted),
                f"{len(set(rows) - set(accepted))} more")
    if may_leave:
        tally.check(f"{title}: what is not stored is counted", len(accepted) == len(rows) + left,
                    f"{len(accepted)} accepted, {len(rows)} stored, {left} left")
    else:
        tally.check(f"{title}: every accepted task is stored", not set(accepted) - set(rows) and not left,
                    f"{len(set(accepted) - set(rows))} of {len(accepted)} are lost, {left} left")


def check_again(tally, title, application, count):
    """A second start on the same file finds what is there."""
    with Application("task-queue", folder=application.folder, database=application.database) as second:
        with second.connect() as client:
            body = client.exchange(get()).body
        tally.check(f"{title}: the next start finds the rows", body.startswith(b'{"count":%d,' % count),
                    f"{body[:50]!r}")
        tally.check(f"{title}: and stops", second.stop() == 0)


def stored(application):
    with contextlib.closing(sqlite3.connect(application.database)) as database:
        return [row[0] for row in database.execute("SELECT id FROM tasks")]


def exit_status(application, seconds):
    try:
        return application.process.wait(seconds * PATIENCE)
    except Exception:  # noqa: BLE001, the time is over
        return None


# Single stops.

def stop_during_start(tally):
    """A signal before the server listens stops the start; one that comes before all else ends the program."""
    chance = random.Random(7)
    for _ in range(15):
        with Application("task-queue", wait=False) as application:
            meanwhile(chance.uniform(0, 0.03))
            application.signal(chance.choice([signal.SIGTERM, signal.SIGINT]))
            status, log = exit_status(application, 10), application.text()
            is_right = status == 0 or (status in (-signal.SIGTERM, -signal.SIGINT) and not log)
            tally.check("a signal during the start: exit status 0", is_right and " error " not in log,
                        f"{status}: {log}")


def stop_answers(tally):
    """What is under way is answered: by handlers that take long, in pieces, to bodies that are still coming."""
    count = 300_000
    with Application() as application, contextlib.ExitStack() as clients:
        def connected(data):
            client = clients.enter_context(application.connect())
            client.send(data)
            return client

        idle, silent = connected(SMALL), connected(b"")
        idle.response()
        pieces = connected(get(f"/content?count={count}&piece=5000&ms=10"))
        announced = connected(get(f"/content?count={count}&piece=5000&ms=10&announced"))
        unread = connected(get("/content?count=6000000&piece=50000"))
        expecting_one = connected(post(b"", "/sip", b"Expect: 100-continue\r\n").replace(b": 0\r", b": 4\r"))
        body = connected(post(b"", "/sip").replace(b": 0\r", b": 3000000\r"))
        chunked = connected(b"POST /sip HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
        half = connected(SMALL[:30])
        drips = connected(SMALL[:10])
        tally.check("100 comes before the stop", expecting_one.response().status == 100)
        wait_for(lambda: readable(announced, 0.01), 5)
        long = connected(get("/wait?ms=900&name=long"))
        behind = connected(get("/wait?ms=600&name=behind") * 3)
        wait_for(lambda: counted(application, "long.begun") + counted(application, "behind.begun") == 2, 5)
        begin = time.monotonic()
        application.signal()
        wait_for(lambda: "stopping" in application.text(), 5)
        tally.check("an idle connection ends cleanly", idle.receive_to_end() == b"" and silent.receive_to_end() == b"")
        expecting_one.send(b"body")
        chunked.send(b"lo\r\n0\r\n\r\n")
        half.send(SMALL[30:])
        for _ in range(30):
            body.send(b"x" * 100_000)
            trickle(0.005)
        drip(drips, SMALL[10:], 0.01)
        check_last(tally, "a handler that takes long", long, b"long")
        response = behind.response()
        tally.check("requests behind one that takes long are answered", response.body == b"behind"
                    and not response.closes and behind.response().body == b"behind", f"{response.status}")
        check_last(tally, "the last of them", behind, b"behind")
        for title, client in (("an answer in pieces", pieces), ("one of announced length", announced)):
            response = client.response()
            tally.check(f"{title} is complete", response.body == pattern(count),
                        f"{len(response.body)} of {count} bytes")
            tally.check(f"{title}: then the end", client.response() is None)
        response = unread.response()
        tally.check("an answer that is taken late is complete", response.body == pattern(6_000_000),
                    f"{len(response.body)} bytes")
        check_last(tally, "a body that waited for 100", expecting_one, b"4")
        check_last(tally, "a body that is still coming", body, b"3000000")
        check_last(tally, "a body in chunks", chunked, b"5")
        check_last(tally, "the second half of a head", half)
        check_last(tally, "a head that drips", drips)
        status = exit_status(application, 10)
        tally.check("then the application ends: exit status 0", status == 0, f"{status}")
        tally.check("as soon as it can", time.monotonic() - begin < 5 * PATIENCE, f"{time.monotonic() - begin:.1f} s")
        tally.check("no error is logged", " error " not in application.text(), application.text())


def check_last(tally, title, client, body=None):
    """An answer that says it is the last, and a clean end."""
    response = client.response()
    tally.check(f"{title} is answered, and told that it is the last", response is not None and response.status == 200
                and response.closes and body in (None, response.body),
                f"{response and (response.status, response.fields, response.body[:100])}")
    tally.check(f"{title}: then a clean end", client.receive_to_end() == b"")


def stop_ends_slow_clients(tally):
    """Clients that never finish do not keep the application longer than their limits."""
    times = [f"probe:gateway:timeouts.{name}" for name in ("header=700ms", "body=700ms", "idle=700ms")]
    with Application(overrides=times) as application, contextlib.ExitStack() as clients:
        half, body, deaf = (clients.enter_context(application.connect(receive_buffer=4096)) for _ in range(3))
        half.send(SMALL[:-1])
        body.send(post(b"", "/sip").replace(b": 0\r", b": 4\r"))
        deaf.send(get(f"/content?count={1 << 30}&piece=65536"))
        wait_for(lambda: readable(deaf, 0.01), 5)
        begin = time.monotonic()
        application.signal()
        for title, client in (("half a head", half), ("no body", body)):
            response = client.response()
            tally.check(f"{title} at a stop: 408", response is not None and response.status == 408,
                        f"{response and response.status}")
            tally.check(f"{title} at a stop: a clean end", client.receive_to_end() == b"")
        status, elapsed = exit_status(application, 10), time.monotonic() - begin
        tally.check("slow clients do not hold up a stop", status == 0 and elapsed < 4 * PATIENCE,
                    f"{status} after {elapsed:.1f} s")


def stop_without_time(tally):
    """What is not over when a server's time is up is cancelled; its client gets an end and no reset."""
    overrides = ["probe:gateway:lifecycle.stop_timeout=500ms"]
    for title, path in (("a handler", "/wait?ms=60000"), ("a stubborn handler", "/wait?ms=60000&stubborn"),
                        ("an answer in pieces", f"/content?count={1 << 30}&piece=100&ms=20")):
        with Application(overrides=overrides, settings=["shutdown.timeout=3s"]) as application:
            clients = [application.connect() for _ in range(4)]
            for client in clients:
                client.send(get(f"{path}&name=late"))
            slow = application.connect()
            slow.send(post(b"", "/sip?name=slow").replace(b": 0\r", b": 400000\r") + b"x" * 1000)
            eventually("all are under way", lambda: counted(application, "late.begun") == len(clients)
                       and counted(application, "slow.begun") == 1)
            begin = time.monotonic()
            application.signal()
            ends = []
            for client in clients + [slow]:
                try:
                    client.receive_to_end()
                    ends.append("end")
                except ConnectionError as error:
                    ends.append(repr(error))
            tally.check(f"{title} past the server's time: an end and no reset", ends == ["end"] * len(ends), f"{ends}")
            status, elapsed = exit_status(application, 10), time.monotonic() - begin
            tally.check(f"{title} past the server's time: exit status 0", status == 0 and elapsed < 4 * PATIENCE,
                        f"{status} after {elapsed:.1f} s")
            tally.check(f"{title}: the log names what was not over", "probe:gateway: did not stop in time" in
                        application.text(), application.text())


def stop_with_waiting_clients(tally):
    """Who has connected and waits to be accepted is answered, too."""
    for title, name, overrides, descriptors in (
            ("the limit of connections", "WippyProbe", ["probe:gateway:limits.connections=4"], None),
            ("the limit of descriptors", "WippyProbe", [], 48), ("the limit of descriptors", "task-queue", QUICK_TASKS, 64)):
        request = SMALL if name == "WippyProbe" else TASK
        with Application(name, overrides, descriptors=descriptors) as application, contextlib.ExitStack() as clients:
            connected = [clients.enter_context(application.connect()) for _ in range(2 * (descriptors or 8))]
            for client in connected[:4]:
                client.exchange(request)
            if descriptors:
                wait_for(lambda: "accepting connections is paused" in application.text(), 5)
            for client in connected[4:]:
                client.send(request)
            begin = time.monotonic()
            application.signal()
            outcomes = collections.Counter()
            for number, client in enumerate(connected):
                try:
                    response = client.response()
                    outcomes[(response and response.status, number < 4)] += 1
                except (OSError, EOFError) as error:
                    outcomes[repr(error)] += 1
                client.close()
            status = 200 if name == "WippyProbe" else 202
            tally.check(f"past {title}, {name}: whoever waits is answered at a stop",
                        outcomes == {(None, True): 4, (status, False): len(connected) - 4}, f"{outcomes}")
            status, elapsed = exit_status(application, 35), time.monotonic() - begin
            tally.check(f"past {title}, {name}: exit status 0 soon", status == 0 and elapsed < 5 * PATIENCE,
                        f"{status} after {elapsed:.1f} s")
            tally.check(f"past {title}, {name}: no error", " error " not in application.text(),
                        application.text()[-1000:])


def stop_of_many(tally):
    """Hundreds of connections, used or not, or only just made, end as they should."""
    with Application("task-queue", QUICK_TASKS) as application, contextlib.ExitStack() as clients:
        kept = [clients.enter_context(application.connect()) for _ in range(300)]
        for client in kept[:150]:
            client.exchange(get())
        new = [clients.enter_context(application.connect()) for _ in range(400)]
        for client in new:
            client.send(TASK)
        application.signal()
        answers = [client.response() for client in new]
        accepted = [re.search(rb'"id":"([^"]*)"', answer.body)[1].decode() for answer in answers if answer]
        tally.check("400 who have just connected are answered", len(accepted) == 400, f"{len(accepted)}")
        ends = [client.receive_to_end() for client in kept]
        tally.check("300 idle connections end cleanly", ends == [b""] * 300)
        for client in kept + new:
            client.close()
        tally.check("exit status 0", exit_status(application, 31) == 0)
        log = application.text()
        tally.check("no error", " error " not in log, log[-1000:])
        check_tasks(tally, "many", application, accepted, log)


def stop_while_held_up(tally):
    """A server whose loops are held up at the signal answers what came meanwhile."""
    for means in ("handlers", "the system"):
        with Application() as application, contextlib.ExitStack() as clients:
            kept = [clients.enter_context(application.connect()) for _ in range(8)]
            for client in kept:
                client.exchange(SMALL)
            blocking = []
            if means == "handlers":
                blocking = [clients.enter_context(application.connect()) for _ in range(4)]
                for client in blocking:
                    client.send(get("/block?ms=300"))
                application.signal()
                eventually("the stop begins", lambda: "stopping" in application.text())
            else:
                application.signal(signal.SIGSTOP)
                eventually("the process is held", lambda: state(application) == "T")
                application.signal()
            for client in kept:
                client.send(SMALL)
            new = clients.enter_context(application.connect()) if means == "the system" else None
            if new:
                new.send(SMALL)
                application.signal(signal.SIGCONT)
            answers = [client.response() for client in kept + ([new] if new else [])]
            tally.check(f"held up by {means}, requests before the stop are answered", all(answers),
                        f"{[bool(answer) for answer in answers]}")
            tally.check("so are those that hold up", [c.response().status for c in blocking] == [200] * len(blocking))
            tally.check("exit status 0", exit_status(application, 10) == 0)
            tally.check("no error", " error " not in application.text(), application.text())


def state(application):
    """The state of the process, as a letter: `T` while SIGSTOP holds it."""
    with open(f"/proc/{application.pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0]


def stop_under_a_flood(tally):
    """A client that sends requests without end gets whole answers, and then an end."""
    with Application() as application, application.connect() as client:
        client.socket.setblocking(False)
        begin, sent, received, is_signalled = time.monotonic(), 0, [], False
        while not received or received[-1]:
            elapsed = time.monotonic() - begin
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                if elapsed < 0.6:
                    sent += client.socket.send((SMALL * 50)[sent % len(SMALL):])
            with contextlib.suppress(BlockingIOError):
                received.append(client.socket.recv(1 << 16))
            if elapsed > 0.3 and not is_signalled:
                is_signalled = True
                application.signal()
        data, at, answers = b"".join(received), 0, []
        while (end := data.find(b"\r\n\r\n", at) + 4) > 3:
            answers.append(Response(data[at:end]))
            at = end + int(answers[-1].field("content-length"))
        tally.check("a flood of requests: whole answers up to the end", answers and answers[-1].closes
                    and at == len(data) and not any(answer.closes for answer in answers[:-1]),
                    f"{len(answers)} answers to {sent / len(SMALL):.1f}, then {len(data) - at} bytes")
        tally.check("exit status 0", exit_status(application, 10) == 0)


SINGLE = [stop_during_start, stop_answers, stop_ends_slow_clients, stop_without_time,
          stop_with_waiting_clients, stop_of_many, stop_while_held_up, stop_under_a_flood]
