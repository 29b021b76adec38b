"""Clients that are slow, many, or gone: each gets what it is due and no more, and its neighbours do not feel it."""
import contextlib
import json
import multiprocessing
import os
import re
import resource
import select
import signal
import socket
import statistics
import struct
import threading
import time
import traceback

from support import PATIENCE, Application, eventually, get, let_pass, post, trickle, wait_for

#: What a connection may add to the server's resident memory, in KiB; docs/security.md states the same figures.
BOUNDS = {
    "a silent connection": 16,
    "half a head of 30 KiB": 64,
    "a client that reads nothing of an answer in pieces of 64 KiB": 192,
    "a client that sends without end and reads nothing": 320,
    "a body that nobody reads": 256,
}
#: What thousands of connections may leave behind, in KiB: the allocator gives memory back as it likes.
LEFT_BEHIND = 4096
#: A sanitizer's build takes many times the memory, and keeps what was freed.
MEASURES_MEMORY = PATIENCE == 1
#: How much later than a time limit its effect may be seen.
SLACK = 2 * PATIENCE

HEADER, BODY, IDLE, HANDLER = 0.6, 0.6, 0.8, 0.4
BRISK = ["probe:gateway:timeouts.header=600ms", "probe:gateway:timeouts.body=600ms",
         "probe:gateway:timeouts.idle=800ms", "probe:router:timeouts.handler=400ms",
         "probe:wait_post.endpoint:timeouts.handler=0s", "probe:sip.endpoint:timeouts.handler=0s",
         "probe:echo_post.endpoint:timeouts.handler=0s"]
SMALL = get("/small")


def run(tally, arguments):
    """Runs every scenario: first what measures, each alone; then the rest at the same time."""
    allow_open_files(4000)
    for application in ("WippyProbe", "task-queue"):
        guarded(tally, half_open_beside_a_neighbour, application)
    guarded(tally, floods_beside_a_neighbour)
    guarded(tally, memory_of_connections)
    brisk, roomy = Application(overrides=BRISK), Application()
    with brisk, roomy:
        together(tally, [
            (dripped_heads, brisk), (dripped_bodies, brisk), (between_requests, brisk), (unread_body_has_time, brisk),
            (reads_nothing,), (reads_slowly, brisk), (late_handlers, brisk),
            (vanishing, roomy), (sends_without_end,),
            (more_connections_than_descriptors,), (more_connections_than_allowed, "WippyProbe"),
            (more_connections_than_allowed, "task-queue"), (slow_tasks,), (held_up_server,),
        ])
    guarded(tally, connect_and_close, "WippyProbe")
    guarded(tally, connect_and_close, "task-queue")


# Slow in sending.

def dripped_heads(tally, application):
    """A head is answered 408 once its time is over, however its bytes are spaced."""
    head = b"GET /small HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 10_000
    for pause in (0.004, 0.03, 0.25, None):
        with application.connect() as client:
            check_too_slow(tally, f"a head, a byte each {pause} s", client, drip(client, head, pause), HEADER)
    with application.connect() as client:
        let_pass(IDLE / 2)
        check_too_slow(tally, "a head after a silence", client, drip(client, head, 0.03), HEADER)
    with application.connect() as client:
        elapsed = drip(client, head, 0.03)
        client.drip(head[:20], pause=0.03)
        check_too_slow(tally, "a head that goes on afterwards", client, elapsed, HEADER)
    begin = time.monotonic()
    with application.connect() as client:
        check_silent_end(tally, "a connection without a byte", client, begin, IDLE)
    with application.connect() as client:
        begin = time.monotonic()
        while not readable(client, 0.05) and time.monotonic() < begin + IDLE + 2 * SLACK:
            client.send(b"\r\n")
        elapsed = time.monotonic() - begin
        tally.check("empty lines do not keep a connection open", elapsed < IDLE + SLACK, f"open for {elapsed:.2f} s")


def dripped_bodies(tally, application):
    """A body is answered 408 once its time is over, whatever part of its framing is slow."""
    chunked = b"POST /sip HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    for title, head, rest in (
            ("a body", post(b"", "/sip").replace(b": 0\r", b": 100000\r"), b"x" * 1000),
            ("a body that is read whole", post(b"", "/echo").replace(b": 0\r", b": 100000\r"), b"[" * 1000),
            ("the data of a chunk", chunked + b"ffff\r\n", b"x" * 10_000),
            ("the size of a chunk", chunked + b"5\r\nhello\r\n", b"0" * 14),
            ("a chunk's extension", chunked + b"5", b";name=" + b"x" * 100),
            ("the trailers", chunked + b"5\r\nhello\r\n0\r\n", b"X-Trailer: " + b"x" * 100),
            ("the last line of chunks", chunked + b"5\r\nhello\r\n0\r\n", b"\r")):
        for pause in (0.05, None) if title == "a body" else (0.05,):
            with application.connect() as client:
                check_too_slow(tally, f"{title}, a byte each {pause} s", client, drip(client, rest, pause, head), BODY)


def between_requests(tally, application):
    """What comes behind a request has the same limits as what comes first."""
    with application.connect() as client:
        begin = time.monotonic()
        client.send(SMALL + SMALL[:20])
        tally.check("the request before half a head is answered", client.response().status == 200)
        readable(client, 10 * PATIENCE)
        check_too_slow(tally, "half a head behind a request", client, time.monotonic() - begin, HEADER)
    with application.connect() as client:
        begin = time.monotonic()
        client.exchange(SMALL)
        check_silent_end(tally, "an idle connection", client, begin, IDLE)
    with application.connect() as client:
        for _ in range(4):
            response = client.exchange(SMALL)
            tally.check("a connection whose requests come in time stays",
                        response.status == 200 and not response.closes)
            let_pass(IDLE / 2)


def unread_body_has_time(tally, application):
    """The time of a body counts from when the handler asks for it, and one that nobody reads does not last for ever."""
    with application.connect() as client:
        begin = time.monotonic()
        client.send(post(b"", f"/wait?ms={int(BODY * 1500)}").replace(b": 0\r", b": 1000\r") + b"half")
        response = client.response()
        elapsed = time.monotonic() - begin
        tally.check("a handler that does not read is not bound by the body's time",
                    response.status == 200 and elapsed > BODY * 1.4, f"{response.status} after {elapsed:.2f} s")
        begin = time.monotonic()
        drip(client, b"x" * 900, 0.05)
        elapsed = time.monotonic() - begin
        tally.check("the rest of such a body has the body's time to come", BODY * 0.8 < elapsed < BODY + SLACK,
                    f"the end came after {elapsed:.2f} s")


def held_up_server(tally):
    """A server that was held up reads what has come before it says that a client is late."""
    half = len(SMALL) // 2
    for title, first, rest, limit in (
            ("an idle connection's request", b"", SMALL, IDLE),
            ("the rest of a head", SMALL[:half], SMALL[half:], HEADER),
            ("the rest of a body", post(b"", "/sip").replace(b": 0\r", b": 4\r"), b"body", BODY)):
        with Application(overrides=BRISK) as application, application.connect() as client:
            client.exchange(SMALL)
            client.send(first)
            let_pass(limit / 2)
            application.signal(signal.SIGSTOP)
            client.send(rest)
            let_pass(limit)
            application.signal(signal.SIGCONT)
            response = client.response()
            tally.check(f"{title} that came in time is answered, although the server was late",
                        response is not None and response.status == 200, f"{response and response.status}")


# Slow in reading.

def reads_nothing(tally):
    """Who takes nothing of its answer loses the connection once the time without progress is over."""
    streams, count = 8, 16 << 20
    with Application(overrides=BRISK) as application, contextlib.ExitStack() as clients:
        files, before = warm_up(application, SMALL), application.memory()
        def connect():
            return clients.enter_context(application.connect(receive_buffer=4096))
        begin = time.monotonic()
        for path in [f"/content?count={count}&piece=65536&name=unread"] * streams + [f"/content?count={count}"] * 2:
            connect().send(get(path))
        stuck = connect()
        stuck.send(get(f"/content?count={count}") + get("/wait?ms=0&name=behind"))
        failed = wait_for(lambda: counted(application, "unread.failed") == streams, IDLE + SLACK + 3)
        elapsed = time.monotonic() - begin
        tally.check("the writer of an answer that nobody reads fails", failed, f"{counts(application)}")
        tally.check("but not before its time", elapsed > IDLE * 0.9, f"after {elapsed:.2f} s")
        gone = wait_for(lambda: open_files(application) <= files, IDLE + SLACK + 3)
        elapsed = time.monotonic() - begin
        tally.check("connections whose clients read nothing are closed", gone, f"{open_files(application)} files open")
        tally.check("a request behind an unread answer is not begun", counted(application, "behind.begun") == 0)
        tally.check("they are closed at about the limit", elapsed < IDLE + SLACK + 2, f"after {elapsed:.2f} s")
        grown = application.memory("VmHWM") - before
        tally.check("unread answers are held once",
                    grown < 3.5 * count + streams * 512 * 1024 or not MEASURES_MEMORY,
                    f"{grown >> 20} MiB for three answers of {count >> 20} MiB and {streams} in pieces")


def reads_slowly(tally, application):
    """Who reads slowly but steadily gets all of its answer."""
    def take(path, count, size, pause):
        with application.connect(receive_buffer=65536) as client:
            client.send(get(path))
            head = client.receive_until(b"\r\n\r\n")
            content = bytearray()
            try:
                while len(content) < count:
                    content += client.receive(min(size, count - len(content)))
                    trickle(pause)
            except (EOFError, ConnectionError) as error:
                return f"{len(content)} of {count} bytes, then {error!r}"
            return "" if head and bytes(content) == pattern(count) else "other bytes"

    fast = 6 << 20
    for title, arguments in (
            ("an answer in pieces", (f"/content?count={fast}&piece=30000&announced", fast, 40_000, 0.01)),
            ("a whole answer", (f"/content?count={fast}", fast, 40_000, 0.01))):
        problem = take(*arguments)
        tally.check(f"{title} reaches a client that reads slowly", not problem, problem)
    # Slower than the system's buffers show within the time: it is the client's reading that counts.
    problem = take(f"/content?count={fast}&announced&piece=30000", 1_200_000, 12_000, 0.02)
    tally.check("a client is not cut off while it reads", not problem, problem)


def sends_without_end(tally):
    """Who asks and asks and reads no answer is made to wait, and gets every answer when it reads."""
    # Large requests, so that few of them fill the system's buffers.
    request = get("/content?count=4000", b"X-Large: " + b"x" * 2000 + b"\r\n")
    with Application() as application, application.connect(receive_buffer=4096) as client:
        client.socket.setblocking(False)
        sent, last = 0, time.monotonic()
        while time.monotonic() - last < 0.5:
            try:
                sent += client.socket.send((request * 50)[sent % len(request):])
                last = time.monotonic()
            except BlockingIOError:
                writable(client, 0.5)
            if sent > 64 << 20:
                break
        if not tally.check("a client that reads nothing is made to wait", sent < 64 << 20, f"{sent} bytes were taken"):
            return
        client.socket.settimeout(15 * PATIENCE)
        complete = sent // len(request)
        wrong = next((number for number in range(complete) if client.response().body != pattern(4000)), None)
        tally.check("every request of a client that reads late is answered", wrong is None, f"number {wrong}")
        client.send(request[sent % len(request):])
        tally.check("its next request is answered, too", client.response().body == pattern(4000))


# Many.

def half_open_beside_a_neighbour(tally, name):
    """Five hundred clients that say nothing, or half of something, do not delay a neighbour."""
    request = SMALL if name == "WippyProbe" else get("/tasks")
    with Application(name) as application, application.connect() as neighbour, contextlib.ExitStack() as clients:
        before = latencies(neighbour, request)
        for number in range(500):
            client = clients.enter_context(application.connect())
            if number % 2:
                client.send(request[:-2 - number % 20])
        begin = time.monotonic()
        during = latencies(neighbour, request)
        times = [timed(lambda: once(application, request)) for _ in range(20)]
        figures = (f"median {milliseconds(before)} before and {milliseconds(during)} beside them, most "
                   f"{max(during) * 1e3:.1f} ms, of a new connection {max(times) * 1e3:.1f} ms")
        figure(f"beside 500 half-open connections to {name}: {figures}")
        tally.check(f"500 half-open connections do not delay a neighbour of {name}",
                    statistics.median(during) < max(3 * statistics.median(before), 0.003 * PATIENCE)
                    and max(during + times) < 0.25 * PATIENCE, figures)
        tally.check("and stay open meanwhile", time.monotonic() - begin < 9 and open_files(application) > 500)


def floods_beside_a_neighbour(tally):
    """Clients that send thousands of requests ahead share the loops with who sends one."""
    with Application() as application, application.connect() as neighbour:
        neighbour.exchange(SMALL)
        files = open_files(application)
        clients = multiprocessing.get_context("fork").Process(target=flood, args=(application, 20), daemon=True)
        clients.start()
        try:
            eventually("the flood", lambda: open_files(application) >= files + 20)
            times = [timed(lambda: neighbour.exchange(SMALL)) for _ in range(30)]
        finally:
            clients.kill()
            clients.join()
        median = statistics.median(times)
        figure(f"beside 20 floods: median {median * 1e3:.1f} ms, most {max(times) * 1e3:.1f} ms")
        tally.check("floods of requests do not keep a neighbour waiting", median < 0.1 * PATIENCE,
                    f"median {median * 1e3:.1f} ms, most {max(times) * 1e3:.1f} ms")


def flood(application, number):
    """Sends requests without end on so many connections, and reads the answers."""
    clients = [application.connect().socket for _ in range(number)]
    requests, sent = SMALL * 1500, dict.fromkeys(clients, 0)
    for client in clients:
        client.setblocking(False)
    while True:
        reading, writing, _ = select.select(clients, clients, [])
        for client in reading:
            client.recv(1 << 20)
        for client in writing:
            with contextlib.suppress(BlockingIOError):
                sent[client] = (sent[client] + client.send(requests[sent[client]:])) % len(requests)


def memory_of_connections(tally):
    """Each connection's share of memory is bounded, whatever its client does."""
    if not MEASURES_MEMORY:
        return
    body = b"POST /wait?ms=60000 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 9_000_000
    for title, number, data in (
            ("a silent connection", 500, b""),
            ("half a head of 30 KiB", 500, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * (30 << 10)),
            ("a client that reads nothing of an answer in pieces of 64 KiB", 60,
             get(f"/content?count={1 << 30}&piece=65536")),
            ("a client that sends without end and reads nothing", 60, get("/content?count=16000") * 20_000),
            ("a body that nobody reads", 60, body)):
        with Application() as application, contextlib.ExitStack() as clients:
            once(application, SMALL)
            before = application.memory()
            for _ in range(number):
                client = clients.enter_context(application.connect(receive_buffer=4096))
                client.socket.setblocking(False)
                push(client, data)
            settle(application)
            once(application, SMALL)
            share = (application.memory("VmHWM") - before) / number / 1024
            figure(f"{title}: {share:.1f} KiB")
            tally.check(f"the memory for {title} is bounded", share < BOUNDS[title],
                        f"{share:.0f} KiB each, the bound is {BOUNDS[title]}")


def more_connections_than_descriptors(tally):
    """Without descriptors accepting pauses and goes on; who is connected is served, and the database works."""
    limit = 64
    with Application("task-queue", ["app:process_task:config.delay=1ms"], descriptors=limit) as application, \
            application.connect() as neighbour, contextlib.ExitStack() as clients:
        neighbour.exchange(get("/nothing"))
        others = [clients.enter_context(application.connect()) for _ in range(2 * limit)]
        paused = wait_for(lambda: "accepting connections is paused" in application.text(), 5)
        tally.check("the log says that accepting pauses", paused, application.text()[-500:])
        cpu, begin = processor_time(application), time.monotonic()
        status = neighbour.exchange(get()).status
        tally.check("the database is read for a neighbour while descriptors are lacking", status == 200, f"{status}")
        answers = [neighbour.exchange(post(b'{"action":"sum"}')).status for _ in range(20)]
        tally.check("a neighbour's tasks are accepted meanwhile", answers == [202] * 20, f"{answers}")
        done = wait_for(lambda: count_of_tasks(neighbour) == 20, 5)
        tally.check("and are stored", done, f"{count_of_tasks(neighbour)} of 20")
        for other in others:
            other.send(get())
        served = [other for other in others if readable(other, 0.02)]
        waiting = [other for other in others if other not in served]
        tally.check("some are connected and some wait", len(served) > 10 and len(waiting) > limit,
                    f"{len(served)} and {len(waiting)}")
        cpu, elapsed = processor_time(application) - cpu, time.monotonic() - begin
        quiet, pause = processor_time(application), max(1.5 - elapsed, 1)
        let_pass(pause)
        quiet = processor_time(application) - quiet
        tally.check("a pause costs no processor time", quiet < 0.2 * pause * PATIENCE,
                    f"{quiet:.2f} s of {pause:.1f} s")
        elapsed = time.monotonic() - begin
        lines = application.text().count("accepting connections is paused")
        tally.check("the pause does not flood the log", lines <= 2 + elapsed, f"{lines} lines in {elapsed:.1f} s")
        statuses = [other.response().status for other in served]
        for other in served:
            other.close()
        for other in waiting:
            statuses.append(other.response().status)
            other.close()
        tally.check("all are served when others close", statuses == [200] * len(others), f"{statuses}")
        tally.check("the neighbour goes on", neighbour.exchange(get()).status == 200)


def more_connections_than_allowed(tally, name):
    """Past `limits.connections` clients wait, and are served in turn when others close."""
    space, request = ("probe", SMALL) if name == "WippyProbe" else ("app", get())
    with Application(name, [f"{space}:gateway:limits.connections=8"]) as application, contextlib.ExitStack() as clients:
        connected = [clients.enter_context(application.connect()) for _ in range(24)]
        for client in connected:
            client.send(request)
        tally.check("as many as allowed are served",
                    [client.response().status for client in connected[:8]] == [200] * 8)
        tally.check("further ones wait", not any(readable(client, 0.02) for client in connected[8:]))
        tally.check("the connected are served on", connected[0].exchange(request).status == 200)
        for first in (0, 8):
            for client in connected[first:first + 8]:
                client.close()
            statuses = [client.response().status for client in connected[first + 8:first + 16]]
            tally.check("the waiting are served when others close", statuses == [200] * 8, f"{statuses}")
        quiet = processor_time(application)
        let_pass(0.5)
        quiet = processor_time(application) - quiet
        tally.check("waiting costs no processor time", quiet < 0.1 * PATIENCE, f"{quiet:.2f} s of 0.5 s")


# Gone.

def vanishing(tally, application):
    """Whoever is gone leaves nothing behind: no handler that works for nobody, no connection, no memory."""
    files = warm_up(application, SMALL)
    long_body = b"Content-Length: 100000\r\n"
    expecting = (b"POST /sip?name=expecting-%s HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n" + long_body
                 + b"\r\n")
    for way, leave in (("fin", lambda client: client.close()), ("rst", reset)):
        mark = way.encode()
        for _ in range(10):
            for begun in (b"", b"GET /small HTTP/1.1\r\nHo", SMALL, SMALL[:-1], SMALL * 3 + b"POST"):
                client = application.connect()
                client.send(begun)
                leave(client)
        for title, request, what, begun in (
                ("mid-body", b"POST /sip?name=body-%s HTTP/1.1\r\nHost: localhost\r\n" % mark + long_body + b"\r\nhalf",
                 f"body-{way}", "failed"),
                ("mid-body in a chunk", b"POST /sip?name=chunk-%s HTTP/1.1\r\nHost: localhost\r\n" % mark
                 + b"Transfer-Encoding: chunked\r\n\r\nff\r\nhalf", f"chunk-{way}", "failed"),
                ("while a handler works", get(f"/wait?ms=60000&name=working-{way}"), f"working-{way}", "cancelled"),
                ("with a body that nobody reads", post(b"x" * 100_000, f"/wait?ms=60000&name=deaf-{way}"),
                 f"deaf-{way}", "cancelled"),
                ("while an answer in pieces is written", get(f"/content?count={1 << 30}&piece=60000&name=pieces-{way}"),
                 f"pieces-{way}", "failed"),
                ("while pieces come slowly", get(f"/content?count={1 << 30}&piece=60&ms=30&name=slow-{way}"),
                 f"slow-{way}", "failed"),
                ("in a wait for 100", expecting % mark, f"expecting-{way}", "failed"),
                ("behind an answered request", SMALL + get(f"/wait?ms=60000&name=second-{way}"), f"second-{way}",
                 "cancelled"),
                ("a request before the one that works", get(f"/wait?ms=300&name=third-{way}")
                 + get(f"/wait?ms=60000&name=third-{way}"), f"third-{way}", "cancelled")):
            clients = [application.connect() for _ in range(5)]
            for client in clients:
                client.send(request)
            begun_all = wait_for(lambda: counted(application, f"{what}.begun") == 5, 5)
            if b"Expect" in request:
                tally.check("100 is sent before the client goes", all(c.response().status == 100 for c in clients))
            for client in clients:
                leave(client)
            noticed = wait_for(lambda: counted(application, f"{what}.{begun}") == 5, 4)
            tally.check(f"gone by {way} {title}: the handler is told", begun_all and noticed, f"{counts(application)}")
        # Sent and gone at once: the end may arrive together with the request.
        what = f"hasty-{way}"
        for number in range(20):
            client = application.connect()
            client.send(get(f"/wait?ms=60000&name={what}"))
            leave(client)
        noticed = wait_for(
            lambda: counted(application, f"{what}.begun") == counted(application, f"{what}.cancelled"), 4)
        tally.check(f"gone by {way} with the request: the handler is told", noticed, f"{counts(application)}")
        for _ in range(5):
            client = application.connect()
            client.send(get(f"/content?count={8 << 20}"))
            client.receive(100)
            leave(client)
    closed = wait_for(lambda: open_files(application) <= files + 1, 5)
    tally.check("no connection of a vanished client is left", closed, f"{open_files(application)}, before {files}")
    tally.check("a neighbour is served", once(application, SMALL).status == 200)
    tally.check("vanished clients log no error", " error " not in application.text(), application.text()[-1000:])


def connect_and_close(tally, name):
    """Thousands who connect and go leave neither connections nor memory behind."""
    request = SMALL if name == "WippyProbe" else get("/tasks")
    with Application(name) as application:
        def round_of(number):
            for turn in range(number):
                client = application.connect()
                if turn % 3 == 1:
                    client.send(request)
                if turn % 2:
                    reset(client)
                else:
                    client.close()
        files = warm_up(application, request)
        round_of(500)
        wait_for(lambda: open_files(application) <= files, 5)
        before = application.memory()
        round_of(3000)
        closed = wait_for(lambda: open_files(application) <= files, 5)
        tally.check("no connection is left", closed, f"{open_files(application)}, before {files}")
        grown = (application.memory() - before) >> 10
        figure(f"left behind: {grown} KiB")
        tally.check("no memory of gone connections is left", grown < LEFT_BEHIND or not MEASURES_MEMORY,
                    f"{grown} KiB more")
        tally.check("and the server is as before", once(application, request).status == 200)


# Late.

def late_handlers(tally, application):
    """A handler past its time is answered for and cancelled, and what it returns later goes nowhere."""
    for title, more in (("", ""), (" and ignores that", "&stubborn")):
        with application.connect() as client:
            begin = time.monotonic()
            name = f"late{len(more)}"
            client.send(get(f"/wait?ms=1200&name={name}{more}") + get("/wait?ms=0&name=after-late") + SMALL)
            response = client.response()
            elapsed = time.monotonic() - begin
            tally.check(f"a handler that is late{title}: 503", response.status == 503 and response.closes,
                        f"{response.status} {response.fields}")
            tally.check("in time", HANDLER * 0.9 < elapsed < HANDLER + SLACK, f"after {elapsed:.2f} s")
            # While the connection is open: its end would cancel the handler, too.
            told = wait_for(lambda: counted(application, f"{name}.cancelled") == 1, 0.5)
            tally.check(f"it is cancelled{title}", told, f"{counts(application)}")
            rest = client.receive_to_end()
            tally.check("nothing follows", rest == b"", f"{rest[:200]!r}")
            ended = time.monotonic() - begin
            tally.check("the connection ends at once", ended < 1 + PATIENCE * 0.1, f"after {ended:.2f} s")
        if more:
            tally.check("it goes on", wait_for(lambda: counted(application, f"{name}.finished") == 1, 3))
    tally.check("what stood behind it was not begun", counted(application, "after-late.begun") == 0)
    with application.connect() as client:
        response = client.exchange(post(b"", "/wait?ms=1200"))
        tally.check("a time limit of 0 is none", response.status == 200, f"{response.status}")
        tally.check("and the connection goes on", client.exchange(SMALL).status == 200)


def slow_tasks(tally):
    """The repository's application keeps the same limits."""
    times = [f"app:gateway:timeouts.{name}" for name in ("header=600ms", "body=600ms", "idle=800ms")]
    with Application("task-queue", times) as application:
        for pause in (0.03, None):
            with application.connect() as client:
                check_too_slow(tally, "a head for the Task Queue", client, drip(client, get()[:-2], pause), HEADER)
            with application.connect() as client:
                head, task = post(b"x" * 1000)[:-1000], b'{"action":"' + b"x" * 900
                check_too_slow(tally, "a task", client, drip(client, task, pause, head), BODY)
        begin = time.monotonic()
        with application.connect() as client:
            check_silent_end(tally, "a silent connection", client, begin, IDLE)
        with application.connect() as client:
            client.drip(post(b'{"action":"sum"}'), pause=0.002)
            tally.check("who is slow and in time is served", client.response().status == 202)


# What they are made of.

def guarded(tally, scenario, *arguments):
    """Runs a scenario; its exception is a failure of its own."""
    begin = time.monotonic()
    try:
        scenario(tally, *arguments)
        figure(f"{scenario.__name__}: {time.monotonic() - begin:.1f} s")
    except Exception as error:  # noqa: BLE001, whatever a scenario dies of has to be seen
        trace = traceback.extract_tb(error.__traceback__)
        places = ", ".join(f"{frame.name}:{frame.lineno}" for frame in trace[1:])
        tally.check(f"{scenario.__name__} {arguments[:1] if isinstance(arguments[:1], str) else ''}", False,
                    f"{error!r} in {places}")


def figure(text):
    """Prints what was measured, if EDGE_FIGURES is set."""
    if os.environ.get("EDGE_FIGURES"):
        print(f"      {text}", flush=True)


def together(tally, scenarios):
    threads = [threading.Thread(target=guarded, args=(tally, *scenario)) for scenario in scenarios]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def drip(client, data, pause, head=b""):
    """Sends the head, then a byte after another until the server says something, or everything without a pause.

    Returns the seconds from the beginning until then.
    """
    begin = time.monotonic()
    client.send(head)
    if pause is None:
        client.send(data)
    for at in range(len(data) if pause else 0):
        client.send(data[at:at + 1])
        if readable(client, pause) or time.monotonic() > begin + 10 * PATIENCE:
            break
    readable(client, 10 * PATIENCE)
    return time.monotonic() - begin


def check_too_slow(tally, title, client, elapsed, limit):
    response = client.response()
    is_right = response is not None and response.status == 408 and response.closes
    tally.check(f"{title}: 408 and the end", is_right and client.response() is None,
                f"{response and (response.status, response.fields)}")
    tally.check(f"{title}: in time", limit * 0.85 < elapsed < limit + SLACK, f"after {elapsed:.2f} s of {limit} s")


def check_silent_end(tally, title, client, begin, limit):
    data = client.receive_to_end()
    elapsed = time.monotonic() - begin
    tally.check(f"{title}: ends without a word", data == b"", f"{data[:100]!r}")
    tally.check(f"{title}: in time", limit * 0.85 < elapsed < limit + SLACK, f"after {elapsed:.2f} s of {limit} s")


def push(client, data):
    """Sends as much as goes without waiting for long; the socket does not block."""
    at, last = 0, time.monotonic()
    while at < len(data) and time.monotonic() - last < 0.05:
        try:
            at += client.socket.send(data[at:at + (1 << 20)])
            last = time.monotonic()
        except BlockingIOError:
            writable(client, 0.05)


def settle(application):
    """Waits until the process has nothing to do."""
    while True:
        before = processor_time(application)
        let_pass(0.1)
        if processor_time(application) - before < 0.02:
            return


def writable(client, seconds):
    return bool(select.select([], [client.socket], [], seconds)[1])


def readable(client, seconds):
    return bool(client.buffer) or bool(select.select([client.socket], [], [], seconds)[0])


def reset(client):
    """Ends the connection by RST."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def once(application, request):
    with application.connect() as client:
        return client.exchange(request)


def timed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def latencies(client, request):
    return [timed(lambda: client.exchange(request)) for _ in range(300)]


def milliseconds(times):
    return f"{statistics.median(times) * 1e3:.2f} ms"


def counts(application):
    return json.loads(once(application, get("/counts")).body)


def counted(application, name):
    return counts(application).get(name, 0)


def count_of_tasks(client):
    return json.loads(client.exchange(get()).body)["count"]


def pattern(count):
    return (bytes(range(251)) * (count // 251 + 1))[:count]


def warm_up(application, request):
    """Has every loop served something, and returns how many files are open afterwards."""
    for _ in range(8):
        once(application, request)
    files = []
    wait_for(lambda: files.append(open_files(application)) or files[-3:] == [files[-1]] * 3, 5)
    return files[-1]


def open_files(application):
    return len(os.listdir(f"/proc/{application.pid}/fd"))


def processor_time(application):
    """Seconds of processor time that the process has used."""
    with open(f"/proc/{application.pid}/stat", encoding="ascii") as file:
        fields = re.sub(r"^.*\) ", "", file.read()).split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def allow_open_files(number):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(number, hard), hard))
