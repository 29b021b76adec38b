"""SIGHUP: a running application reads its project again, and its connections stay open.

Each scenario has a project of its own, whose text it changes.
"""
import contextlib
import os
import re
import signal
import socket
import tempfile
import threading
import time

from slow_clients import counted, guarded, readable, together
from support import PATIENCE, Application, Client, eventually, free_port, get, post

INDEX = """
version: "1.0"
namespace: probe
entries:
  - {{name: gateway, kind: http.service, addr: "{address}", {server} lifecycle: {{auto_start: true}}}}
  - {{name: router, kind: http.router, meta: {{server: gateway}}, {router}}}
  - {{name: echo, kind: function.swift, handler: Echo}}
  - {{name: echo.endpoint, kind: http.endpoint, meta: {{router: router}}, method: POST, path: /echo, func: echo}}
  - {{name: wait, kind: function.swift, handler: Wait}}
  - {{name: wait.endpoint, kind: http.endpoint, meta: {{router: router}}, method: GET, path: /wait, func: wait}}
  - {{name: sip, kind: function.swift, handler: Sip}}
  - {{name: sip.endpoint, kind: http.endpoint, meta: {{router: router}}, method: POST, path: /sip, func: sip}}
  - {{name: counts, kind: function.swift, handler: Counts}}
  - {{name: counts.endpoint, kind: http.endpoint, meta: {{router: router}}, method: GET, path: /counts, func: counts}}
  - {{name: small, kind: function.swift, handler: Small}}
  - {{name: small.endpoint, kind: http.endpoint, meta: {{router: router}}, method: GET, path: "{path}", func: small}}
{more}
"""
BODY = b"x" * 2000


class ReloadedApplication(Application):
    """An application whose project's text is made of parts, and changed by `reload`."""

    def __init__(self, **parts):
        self.files = tempfile.TemporaryDirectory(prefix="wippy-edge-")
        self.parts = {"address": "127.0.0.1:0", "server": "", "router": "", "path": "/small", "more": ""}
        os.mkdir(os.path.join(self.files.name, "src"))
        self.write(parts)
        # In a session of its own, so without a terminal, wherever the test is started.
        super().__init__(project=self.files.name, prefix=("setsid",), address=None)

    def end(self):
        super().end()
        self.files.cleanup()

    def write(self, parts):
        self.parts.update(parts)
        with open(os.path.join(self.files.name, "src", "_index.yaml"), "w", encoding="utf-8") as file:
            file.write(INDEX.format(**self.parts))

    def reload(self, **parts):
        """Changes parts of the project, sends SIGHUP, and returns the line that says what came of it."""
        self.write(parts)
        before = len(self.outcomes())
        self.signal(signal.SIGHUP)
        eventually("the end of the reload", lambda: len(self.outcomes()) > before)
        return self.outcomes()[-1]

    def wait_until_begun(self, name):
        """Waits until a handler has a request of this name."""
        eventually(f"a handler has the request '{name}'", lambda: counted(self, f"{name}.begun"))

    def outcomes(self):
        return [line for line in self.text().splitlines() if re.search("the project (is|was) (not )?reloaded", line)]

    def count(self, words):
        return self.text().count(words)


def run(tally, _arguments):
    together(tally, [(scenario,) for scenario in SCENARIOS])


def routes(tally):
    """A connection stays open over reloads and has the routes of the moment, also one with requests in a row."""
    with ReloadedApplication() as application, application.connect() as client:
        tally.check("routes: before", client.exchange(get("/small")).status == 200)
        line = application.reload(path="/little")
        tally.check("routes: the line has version, change and time",
                    all(part in line for part in ("version", "probe:small.endpoint", "duration")), line)
        statuses = [client.exchange(get(path)).status for path in ("/little", "/small")]
        tally.check("routes: the same connection, the new routes", statuses == [200, 404], statuses)
        held = application.connect()
        with held:
            held.send(get("/wait?ms=1000&name=held"))
            application.wait_until_begun("held")
            application.reload(path="/small")
            answer = held.response()
            tally.check("routes: what is under way is answered", (answer.status, answer.body) == (200, b"held"),
                        f"{answer.status} {answer.body}")
            tally.check("routes: and its connection goes on", held.exchange(get("/small")).status == 200)
        line = application.reload()
        tally.check("routes: a reload of the same says so", "nothing has changed" in line, line)
        line = application.reload(path="small/{")
        tally.check("routes: a broken edit changes nothing",
                    "not reloaded" in line and client.exchange(get("/small")).status == 200, line)
        tally.check("routes: it listened once", application.count("listening") == 1)
        tally.check("routes: exit status 0", application.stop() == 0)


def routes_under_requests(tally):
    """While one path is exchanged for another again and again, one that stays is always answered."""
    with ReloadedApplication() as application:
        failures, done = [], threading.Event()

        def ask():
            with application.connect() as client:
                while not done.is_set():
                    answer = client.exchange(post(b"hello", "/echo"))
                    if answer is None or answer.status != 200 or answer.closes:
                        failures.append(answer and answer.status)
                        return
        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        for number in range(20):
            application.reload(path=f"/small-{number}", server=f"limits: {{body: {number + 1}MiB}},")
        done.set()
        for asker in askers:
            asker.join()
        tally.check("routes under requests: each is answered, on one connection", not failures, failures)


def limits(tally):
    """Other limits answer 413 and 431 from the next request on; a body under way keeps its own."""
    with ReloadedApplication() as application:
        client, slow = application.connect(), application.connect()
        with client, slow:
            tally.check("limits: before", client.exchange(post(BODY, "/echo")).status == 200)
            request = post(BODY, "/sip?name=slow")
            slow.send(request[:-1000])
            application.wait_until_begun("slow")
            application.reload(server="limits: {body: 1KiB, header_fields: 5},")
            tally.check("limits: 413 by the new one", client.exchange(post(BODY, "/echo")).status == 413)
            slow.send(request[-1000:])
            tally.check("limits: a body under way keeps its own", slow.response().status == 200)
            fields = b"".join(b"X-%d: 1\r\n" % number for number in range(9))
            tally.check("limits: 431 by the new one", slow.exchange(get("/small", fields)).status == 431)
        with application.connect() as client:
            application.reload(server="")
            tally.check("limits: back", client.exchange(post(BODY, "/echo")).status == 200)
            application.reload(router="limits: {body: 1KiB}")
            tally.check("limits: those of a router", client.exchange(post(BODY, "/echo")).status == 413)
        tally.check("limits: it listened once", application.count("listening") == 1)


def connections(tally):
    """Fewer connections at once close nobody, and hold newcomers back until there is room; more let them in."""
    with ReloadedApplication() as application, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(application.connect()) for _ in range(3)]
        statuses = [client.exchange(get("/small")).status for client in clients]
        application.reload(server="limits: {connections: 2},")
        late = stack.enter_context(application.connect())
        late.send(get("/small"))
        statuses += [client.exchange(get("/small")).status for client in clients]
        tally.check("connections: nobody is closed", statuses == [200] * 6, statuses)
        tally.check("connections: a newcomer waits", not readable(late, 0.5))
        clients.pop().close()
        tally.check("connections: and goes on waiting while there is no room", not readable(late, 0.5))
        clients.pop().close()
        tally.check("connections: until there is", late.response().status == 200)
        later = stack.enter_context(application.connect())
        later.send(get("/small"))
        tally.check("connections: the next one waits", not readable(later, 0.5))
        application.reload(server="limits: {connections: 3},")
        tally.check("connections: more are let in at once", later.response().status == 200)


def timeouts(tally):
    """Other timeouts hold from the next deadline on: of a head, of a body, between requests, of a function."""
    with ReloadedApplication() as application:
        client, idle = application.connect(), application.connect()
        with client, idle:
            for one in (client, idle):
                one.exchange(get("/small"))
            application.reload(server="timeouts: {header: 300ms, body: 300ms, idle: 1s},",
                               router="timeouts: {handler: 300ms}")
            tally.check("timeouts: a function", client.exchange(get("/wait?ms=60000")).status == 503)
            begin = time.monotonic()
            tally.check("timeouts: between requests", idle.exchange(get("/small")).status == 200
                        and idle.receive_to_end() == b"" and time.monotonic() - begin < 10 * PATIENCE)
        application.reload(router="")
        for title, part in (("a head", b"GET /small HTTP/1.1\r\n"), ("a body", post(BODY, "/echo")[:-1])):
            with application.connect() as client:
                answer = client.exchange(part)
                tally.check(f"timeouts: {title}", answer.status == 408, answer.status)


def access_log(tally):
    """The log of answers is turned on and off."""
    with ReloadedApplication() as application, application.connect() as client:
        counts = []
        for wanted in (None, "access_log: true,", "access_log: false,"):
            if wanted:
                application.reload(server=wanted)
            before = application.count("answered")
            client.exchange(get("/small"))
            client.exchange(get("/small"))
            if wanted and "true" in wanted:
                eventually("the lines", lambda: application.count("answered") == before + 2)
            counts.append(application.count("answered") - before)
        tally.check("access_log: on and off", counts == [0, 2, 0], counts)


def cors(tally):
    """A router whose options of cors change answers by the new ones; a request under way keeps its own."""
    def options(origin):
        return f'middleware: [cors], options: {{cors.allow.origins: "{origin}"}}'

    def allowed(answer):
        return answer.field("access-control-allow-origin")

    first, second = "https://a.example", "https://b.example"
    ask = f"Origin: {first}\r\n".encode()
    with ReloadedApplication(router=options(first)) as application:
        client, held = application.connect(), application.connect()
        with client, held:
            tally.check("cors: before", allowed(client.exchange(get("/small", ask))) == first)
            held.send(get("/wait?ms=1000&name=held", ask))
            application.wait_until_begun("held")
            application.reload(router=options(second))
            found = [allowed(client.exchange(get("/small", f"Origin: {origin}\r\n".encode())))
                     for origin in (first, second)]
            tally.check("cors: the new options", found == [None, second], found)
            tally.check("cors: what is under way keeps its own", allowed(held.response()) == first)
            application.reload(router="")
            tally.check("cors: taken away", allowed(client.exchange(get("/small", ask))) is None)


def addresses(tally):
    """Another address: the old server has stopped before the new one listens, so they may share a port."""
    port, other = free_port(), free_port()
    with ReloadedApplication(address=f":{port}") as application:
        with Client(port) as client:
            tally.check("addresses: before", client.exchange(get("/small")).status == 200)
            line = application.reload(address=f"127.0.0.1:{port}")
            tally.check("addresses: the same port at one address", "was reloaded" in line and "probe:gateway" in line,
                        line)
            tally.check("addresses: the old server's connections have ended", client.receive_to_end() == b"")
        with Client(port) as client:
            tally.check("addresses: it answers there", client.exchange(get("/small")).status == 200)
            client.send(get("/wait?ms=500&name=held"))
            application.wait_until_begun("held")
            application.reload(address=f"127.0.0.1:{other}")
            answer = client.response()
            tally.check("addresses: what is under way is answered, and is the last",
                        answer.body == b"held" and answer.closes, answer.body)
        with Client(other) as client:
            tally.check("addresses: another port", client.exchange(get("/small")).status == 200)
        try:
            Client(port).close()
            refused = False
        except ConnectionRefusedError:
            refused = True
        tally.check("addresses: the old port is closed", refused)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            line = application.reload(address=f"127.0.0.1:{taken.getsockname()[1]}", path="/little")
            tally.check("addresses: one that is taken is taken back, and the line names the entry",
                        "taken back" in line and "probe:gateway" in line and "in use" in line, line)
        with Client(other) as client:
            statuses = [client.exchange(get(path)).status for path in ("/small", "/little")]
            tally.check("addresses: the old server is back on its port, with its routes", statuses == [200, 404],
                        statuses)
        line = application.reload(address=f"127.0.0.1:{port}")
        tally.check("addresses: and can be changed again", "was reloaded" in line, line)
        with Client(port) as client:
            tally.check("addresses: with what the edit before said", client.exchange(get("/little")).status == 200)
        tally.check("addresses: exit status 0", application.stop() == 0)


SCENARIOS = [routes, routes_under_requests, limits, connections, timeouts, access_log, cors, addresses]
