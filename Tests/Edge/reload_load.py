"""Edits under load: 200 requests a second while SIGHUP brings random edits, valid and broken, one after another.

- Every request is answered: by the route that it asks for, or by 404 while an edit has taken that route away.
- Every task that was accepted is stored.
- A valid edit is in force when its line is there, and the line says what changed. A broken one changes nothing.
- When the project is as it was at first, so are the threads and the descriptors, and memory has not grown. SQLite keeps
  the descriptors of connections that it has closed while another one has the file open, for the next ones.
"""
import collections
import copy
import json
import os
import random
import re
import signal
import socket
import sqlite3
import tempfile
import threading
import time

from support import PATIENCE, Application, Response, eventually, get, post, trickle

#: Requests of each client a second: ten clients make 200.
RATE = 20
KEPT, NEW = 8, 2
#: Seconds from one edit to the next, at least.
PAUSE = 0.1
#: A sanitizer's build takes many times the memory, and keeps what was freed.
MEASURES_MEMORY = PATIENCE == 1
#: What memory may grow by, in bytes, from the first edits to the last.
GROWTH = 12 << 20
TASK = b'{"action":"sum","data":{"numbers":[1,2,3]}}'


def run(tally, arguments):
    """Half of the edits are valid and half are broken."""
    seed = arguments.seed
    with Project() as project, Application("task-queue", project=project.path, prefix=("setsid",)) as application:
        load, editor = Load(application), Editor(tally, application, project, random.Random(seed))
        load.start()
        try:
            load.wait_until_served()
            editor.edit(arguments.edits)
        finally:
            load.stop()
        check(tally, application, project, load, editor)


class Project:
    """The Task Queue's entries as values, written anew by each edit."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="wippy-reload-")
        self.path = self.folder.name
        os.mkdir(os.path.join(self.path, "src"))
        self.entries = {}
        started = {"auto_start": True}
        for name, kind, fields in (
                # A small cache, since it grows with the table.
                ("db", "db.sql.sqlite",
                 {"file": "./tasks.db", "options": {"cache_size": -100}, "lifecycle": started}),
                ("driver", "queue.driver.memory", {"lifecycle": started}),
                ("tasks", "queue.queue", {"driver": "app:driver"}),
                ("gateway", "http.service", {"addr": "127.0.0.1:0", "lifecycle": started}),
                ("router", "http.router", {"meta": {"server": "app:gateway"}}),
                ("processes", "process.host", {"lifecycle": started}),
                ("migrate", "process.swift", {"handler": "Migrate", "uses": {"db": "app:db"}}),
                ("migration", "process.service",
                 {"process": "app:migrate", "host": "app:processes", "lifecycle": started}),
                ("create", "function.swift", {"handler": "CreateTask", "uses": {"tasks": "app:tasks"}}),
                ("list", "function.swift", {"handler": "ListTasks", "uses": {"db": "app:db"}}),
                ("work", "function.swift",
                 {"handler": "ProcessTask", "config": {"delay": "5ms"}, "uses": {"db": "app:db"}}),
                ("create.endpoint", "http.endpoint", self.endpoint("POST", "/tasks", "create")),
                ("list.endpoint", "http.endpoint", self.endpoint("GET", "/tasks", "list")),
                ("consumer", "queue.consumer", self.consumer("tasks", 2))):
            self.entries[name] = {"kind": kind, **fields}
        self.first = copy.deepcopy(self.entries)
        self.write(self.entries)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    @staticmethod
    def endpoint(method, path, function, router="router"):
        return {"kind": "http.endpoint", "meta": {"router": f"app:{router}"}, "method": method, "path": path,
                "func": f"app:{function}"}

    @staticmethod
    def consumer(queue, concurrency):
        return {"kind": "queue.consumer", "queue": f"app:{queue}", "func": "app:work", "concurrency": concurrency,
                "prefetch": 5, "lifecycle": {"auto_start": True}}

    def write(self, entries, more=""):
        # Flow style is JSON, whose order and spaces are YAML's, too.
        lines = "".join(f"  - {json.dumps({'name': name, **fields})}\n" for name, fields in entries.items())
        with open(os.path.join(self.path, "src", "_index.yaml"), "w", encoding="utf-8") as file:
            file.write(f"namespace: app\nentries:\n{lines}{more}")


class Load:
    """Clients that send a request 20 times a second each, and note what becomes of it."""

    def __init__(self, application):
        self.application = application
        self.is_over = threading.Event()
        self.lock = threading.Lock()
        self.accepted = []
        self.problems = []
        self.missing = []
        self.statuses = collections.Counter()
        #: How many answers each client has got.
        self.served = collections.Counter()
        self.waits = []
        self.threads = []
        self.begin = time.monotonic()

    def start(self):
        for number in range(KEPT + NEW):
            self.threads.append(threading.Thread(target=self.client, args=(number,), daemon=True))
            self.threads[-1].start()

    def wait_until_served(self):
        """Waits until every client has got a few answers, so that the application has all threads that it needs for them."""
        eventually("every client is served", lambda: all(self.served[number] >= 5 for number in range(KEPT + NEW)))

    def stop(self):
        self.duration = time.monotonic() - self.begin
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def client(self, number):
        client, due, turn = None, time.monotonic() + number / (RATE * (KEPT + NEW)), 0
        while not self.is_over.wait(max(0, due - time.monotonic())):
            due, turn = due + 1 / RATE, turn + 1
            sent = time.monotonic()
            try:
                client = client or self.application.connect()
                request = post(TASK) if (number + turn) % 2 else get("/tasks?status=none")
                response = client.exchange(request)
                self.note(response, sent)
                self.served[number] += 1
                if number >= KEPT or response is None or response.closes:
                    client.close()
                    client = None
            except (OSError, EOFError, ValueError) as error:
                with self.lock:
                    self.problems.append(f"client {number}: {error!r} at {sent:.3f}")
                client = None
        if client:
            client.close()

    def note(self, response: Response, sent):
        now = time.monotonic()
        with self.lock:
            self.statuses[response and response.status] += 1
            self.waits.append(now - sent)
            if response is None:
                self.problems.append(f"no answer to what was sent at {sent:.3f}")
            elif response.status == 202:
                self.accepted.append(json.loads(response.body)["id"])
            elif response.status == 404:
                self.missing.append((sent, now))
            elif response.status != 200:
                self.problems.append(f"{response.status} {response.body[:200]!r} at {sent:.3f}")


class Editor:
    """Writes edits and tells the application; knows what must come of each."""

    def __init__(self, tally, application, project, chance):
        self.tally, self.application, self.project, self.chance = tally, application, project, chance
        self.version = 1
        self.applied = self.refused = 0
        #: When `/tasks` was not there.
        self.gaps = []
        self.gap = None
        self.figures = None
        self.memory = []
        self.log = open(application.log, encoding="utf-8", errors="replace")  # noqa: SIM115, read to the end
        self.rest = ""
        self.taken = socket.socket()
        self.taken.bind(("127.0.0.1", 0))
        self.taken.listen()

    def edit(self, count):
        self.measure()
        for number in range(count):
            begin = time.monotonic()
            if number % 2:
                self.broken(self.chance.choice(BROKEN))
            else:
                # Most of the time there is a route for tasks.
                is_away = self.gap and self.chance.random() < 0.6
                self.valid(renamed_route if is_away else self.chance.choice(VALID))
            if number == count // 3:
                self.memory.append(self.application.memory())
            trickle(max(0, PAUSE - (time.monotonic() - begin)))
        self.restore()
        self.memory.append(self.application.memory())

    def valid(self, edit):
        entries = copy.deepcopy(self.project.entries)
        edit(entries, self.chance)
        self.apply(edit.__name__, entries)

    def apply(self, title, entries):
        was_there, is_there = (routes["list.endpoint"]["path"] == "/tasks" for routes in (self.project.entries, entries))
        if was_there and not is_there:
            self.gap = time.monotonic()
        is_change = entries != self.project.entries
        line = self.reload(entries)
        # A queue that goes must be empty; a few milliseconds later it is.
        end = time.monotonic() + 10 * PATIENCE
        while "would remove the queue" in line and time.monotonic() < end:
            self.refused += 1
            line = self.reload(entries)
        names = [name for name in {**entries, **self.project.entries}
                 if entries.get(name) != self.project.entries.get(name)]
        is_right = "the project was reloaded" in line and all(f"app:{name}" in line for name in names)
        self.tally.check(f"{title}: the line says what changed", is_right, line)
        self.version += 1
        self.check_version(title, line)
        self.tally.check(f"{title}: a line says so if nothing has changed",
                         is_change != ("nothing has changed" in line), line)
        self.applied += 1
        self.project.entries = entries
        if is_there and self.gap:
            self.gaps.append((self.gap, time.monotonic()))
            self.gap = None

    def broken(self, edit):
        entries, before = copy.deepcopy(self.project.entries), self.answers()
        line = self.reload(entries, edit(entries, self.taken.getsockname()[1]) or "")
        title = edit.__name__
        self.tally.check(f"{title}: not reloaded, or taken back",
                         "not reloaded" in line, line)
        if re.search(r"version\W+\d", line):
            self.check_version(title, line)
        after = self.answers()
        self.tally.check(f"{title}: the same answers", before == after, f"{before} {after}")

    def check_version(self, title, line):
        found = re.search(r"version\W+(\d+)", line)
        self.tally.check(f"{title}: version {self.version}", found and int(found[1]) == self.version, line)

    def reload(self, entries, more=""):
        """The line about a reload of these entries."""
        self.tally.check("no line without a reload", not self.lines())
        self.project.write(entries, more)
        self.application.signal(signal.SIGHUP)
        lines = eventually("the end of a reload", self.lines, 40)
        self.tally.check("one line for each reload", len(lines) == 1, f"{lines}")
        return lines[0]

    def lines(self):
        """The lines about reloads since the last call."""
        *lines, self.rest = (self.rest + self.log.read()).split("\n")
        return [line for line in lines if re.search(r"the project (is|was) (not )?reloaded", line)]

    def answers(self):
        """What the application says to one request for each path that an edit may have made."""
        with self.application.connect() as client:
            return [(path, client.exchange(get(f"{path}?status=none")).status)
                    for path in ("/tasks", "/jobs", "/more", "/api/tasks", "/broken")]

    def restore(self):
        """Has the project be as it was at first: in two steps, since a queue is drained in between."""
        entries = copy.deepcopy(self.project.entries)
        entries["create"] = copy.deepcopy(self.project.first["create"])
        self.apply("restore", entries)
        self.apply("restore", copy.deepcopy(self.project.first))

    def measure(self):
        """Threads and descriptors before the first edit, beside clients that are served."""
        self.figures = figures(self.application.pid)


def figures(pid):
    """Threads and descriptors by their names: without sockets, whose clients come and go, and without Swift's pool."""
    def names(folder, name_of):
        counts = collections.Counter()
        for name in os.listdir(f"/proc/{pid}/{folder}"):
            try:
                counts[re.sub(r":.*", "", name_of(f"/proc/{pid}/{folder}/{name}"))] += 1
            except FileNotFoundError:
                pass
        return counts

    def comm(path):
        with open(f"{path}/comm", encoding="ascii") as file:
            return file.read().strip()

    threads = {name: count for name, count in names("task", comm).items() if "qos" not in name}
    descriptors = names("fd", lambda path: os.path.basename(os.readlink(path)))
    return threads, {name: count for name, count in descriptors.items() if name not in ("socket", "tasks.db")}


def check(tally, application, project, load, editor):
    """What is left when the load has ended."""
    tally.check("every request was answered", not load.problems, f"{len(load.problems)}: {load.problems[:5]}")
    count = sum(load.statuses.values())
    tally.check("requests went on all the time", count > load.duration * 100 / PATIENCE, f"{load.statuses}")
    unexpected = [(sent, end) for sent, end in load.missing
                  if not any(begin <= end and sent <= until for begin, until in editor.gaps)]
    tally.check("404 only while an edit had taken the route away", not unexpected, f"{len(unexpected)} of {count}")
    def lost():
        with sqlite3.connect(application.database) as database:
            return set(load.accepted) - {row[0] for row in database.execute("SELECT id FROM tasks")}
    try:
        eventually("all tasks", lambda: not lost(), 30)
    except AssertionError:
        pass
    tally.check("every accepted task is stored", not lost(), f"{len(lost())} of {len(load.accepted)} are lost")
    try:
        # Sockets of clients that have gone take a moment.
        eventually("the same threads and descriptors", lambda: figures(application.pid) == editor.figures, 10)
    except AssertionError:
        pass
    tally.check("the same threads and descriptors as before", figures(application.pid) == editor.figures,
                f"{figures(application.pid)}, and {editor.figures} before")
    grown = editor.memory[-1] - editor.memory[0]
    tally.check("memory is flat", grown < GROWTH or not MEASURES_MEMORY,
                f"{grown / 1e6:.1f} MB more from {editor.memory[0] / 1e6:.1f} MB")
    waits = sorted(load.waits)
    print(f"  {count} requests, {count / load.duration:.0f} a second, answered in {waits[-1] * 1e3:.0f} ms at most and 99 % "
          f"of them in {waits[len(waits) * 99 // 100] * 1e3:.0f} ms, over {editor.applied} edits and as many broken ones, {len(load.accepted)} tasks, "
          f"{editor.refused} refused while a queue held messages, memory {editor.memory[0] / 1e6:.1f} to "
          f"{editor.memory[-1] / 1e6:.1f} MB", flush=True)
    tally.check("then it stops: exit status 0", application.stop() == 0, application.text()[-500:])


# Valid edits: each changes the entries.

def concurrency(entries, chance):
    entries["consumer"]["concurrency"] = chance.randint(1, 6)


def prefetch(entries, chance):
    entries["consumer"]["prefetch"] = chance.randint(1, 20)


def retry(entries, chance):
    entries["tasks"]["retry"] = {"initial_delay": f"{chance.randint(1, 9)}ms", "jitter": 0}


def publish_timeout(entries, chance):
    entries["tasks"]["publish_timeout"] = f"{chance.randint(6, 9)}s"


def max_length(entries, chance):
    entries["tasks"]["driver_options"] = {"memory": {"max_length": chance.randint(500, 900)}}


def limits(entries, chance):
    entries["gateway"]["limits"] = {"body": f"{chance.randint(1, 9)}MiB", "header_fields": chance.randint(50, 99)}


def timeouts(entries, chance):
    entries["gateway"]["timeouts"] = {"idle": f"{chance.randint(30, 59)}s", "header": f"{chance.randint(5, 9)}s"}


def access_log(entries, _):
    entries["gateway"]["access_log"] = not entries["gateway"].get("access_log", False)


def route(entries, _):
    if not entries.pop("more.endpoint", None):
        entries["more.endpoint"] = Project.endpoint("GET", "/more", "list")


def renamed_route(entries, _):
    for name in ("list.endpoint", "create.endpoint"):
        entries[name]["path"] = "/tasks" if entries[name]["path"] == "/jobs" else "/jobs"


def second_consumer(entries, chance):
    if not entries.pop("consumer_2", None):
        entries["consumer_2"] = Project.consumer("tasks", chance.randint(1, 3))


def second_queue(entries, _):
    """Brings it with its consumer, has tasks go there, lets them go back, and takes it away."""
    if "tasks_2" not in entries:
        entries["tasks_2"] = {"kind": "queue.queue", "driver": "app:driver"}
        entries["tasks_2.consumer"] = Project.consumer("tasks_2", 3)
        entries["create"]["uses"] = {"tasks": "app:tasks_2"}
    elif entries["create"]["uses"]["tasks"] == "app:tasks_2":
        entries["create"]["uses"] = {"tasks": "app:tasks"}
    else:
        del entries["tasks_2"], entries["tasks_2.consumer"]


def dead_letters(entries, chance):
    name = f"dead_{chance.randint(1, 3)}"
    for other in [key for key in entries if key.startswith("dead_")]:
        del entries[other]
    entries[name] = {"kind": "queue.queue", "driver": "app:driver"}
    entries["tasks"]["dead_letter"] = {"queue": f"app:{name}", "max_attempts": chance.randint(2, 9)}


def readers(entries, chance):
    entries["db"]["pool"] = {"readers": chance.choice([1, 2, 3, 5, 6])}


def function_config(entries, chance):
    entries["work"]["config"]["delay"] = f"{chance.randint(1, 4)}ms"


def router_with_prefix(entries, _):
    if not entries.pop("api", None):
        entries["api"] = {"kind": "http.router", "meta": {"server": "app:gateway"}, "prefix": "/api"}
        entries["api.endpoint"] = Project.endpoint("GET", "/tasks", "list", "api")
    else:
        del entries["api.endpoint"]


def cors(entries, chance):
    entries["router"]["middleware"] = ["cors"]
    entries["router"]["options"] = {"cors.allow.origins": f"https://{chance.choice('abc')}.example"}


def host_and_migration(entries, chance):
    entries["migration"]["input"] = [chance.randint(1, 99)]


VALID = [concurrency, prefetch, retry, publish_timeout, max_length, limits, timeouts, access_log, route, renamed_route,
         second_consumer, second_queue, dead_letters, readers, function_config, router_with_prefix, cors,
         host_and_migration]


# Broken edits: each changes the entries, or gives text to write behind them.

def malformed(entries, _):
    return "  - {name: broken, kind: [\n"


def unknown_kind(entries, _):
    entries["broken"] = {"kind": "queue.consumr"}


def dangling_reference(entries, _):
    entries["consumer"]["queue"] = "app:nowhere"


def unknown_field(entries, _):
    entries["consumer"]["concurency"] = 3


def out_of_range(entries, _):
    entries["consumer"]["concurrency"] = 0


def route_conflict(entries, _):
    entries["broken"] = dict(entries["list.endpoint"])


def taken_port(entries, port):
    entries["broken"] = {"kind": "http.service", "addr": f"127.0.0.1:{port}", "lifecycle": {"auto_start": True}}
    entries["broken.consumer"] = Project.consumer("tasks", 1)


def unusable_database(entries, _):
    entries["broken"] = {"kind": "db.sql.sqlite", "file": "/proc/broken/tasks.db", "lifecycle": {"auto_start": True}}


def failing_process(entries, _):
    """The migration's table has no room in that database. A route comes with it, and must not stay."""
    entries["small"] = {"kind": "db.sql.sqlite", "file": ":memory:", "options": {"max_page_count": 1}}
    entries["broken"] = {"kind": "process.swift", "handler": "Migrate", "uses": {"db": "app:small"}}
    entries["broken.service"] = {"kind": "process.service", "process": "app:broken", "host": "app:processes",
                                 "lifecycle": {"auto_start": True}}
    entries["broken.endpoint"] = Project.endpoint("GET", "/broken", "list")


BROKEN = [malformed, unknown_kind, dangling_reference, unknown_field, out_of_range, route_conflict, taken_port,
          unusable_database, failing_process]
