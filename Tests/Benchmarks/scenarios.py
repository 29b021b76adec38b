"""What is measured, and how one run of it goes."""
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

from peers import BUILD

DATA = os.path.join(BUILD, "data")
BODY = '{"action":"uppercase","data":{"text":"hello world from the load generator"}}'
CONNECTIONS = 64
TICK = os.sysconf("SC_CLK_TCK")
SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY,
    payload TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    result TEXT,
    created_at INTEGER NOT NULL,
    processed_at INTEGER
);
CREATE INDEX IF NOT EXISTS tasks_created_at ON tasks (created_at);
"""


class Failure(Exception):
    """A run did not do what it must; its figure does not count and the benchmark ends."""


class Server:
    """A started peer, on a core of its own."""

    def __init__(self, peer, cores, scenario, consumers=2, max_length=1000, seed=None):
        shutil.rmtree(DATA, ignore_errors=True)
        os.makedirs(DATA)
        self.file = os.path.join(DATA, "tasks.db")
        if seed:
            shutil.copyfile(seed, self.file)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command, folder, environment = peer.run_command(self.port, self.file, consumers, max_length, scenario)
        self.command = ["taskset", "-c", str(cores[0]), *command]
        self.log = open(os.path.join(BUILD, "server.log"), "w+b")
        self.cores = cores
        self.begin = time.monotonic()
        self.process = subprocess.Popen(self.command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        self.path = "/small" if scenario == "small" else "/tasks"
        self.is_task_queue = "tasks" in peer.offers

    def __enter__(self):
        self.first_answer = self.wait_for_answer() - self.begin
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()

    def wait_for_answer(self, limit=30):
        """When the server first answered, by the monotonic clock."""
        while time.monotonic() < self.begin + limit:
            if self.process.poll() is not None:
                raise Failure(f"{' '.join(self.command)} ended:\n{self.said()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=limit) as client:
                    client.sendall(f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                    if client.recv(16).startswith(b"HTTP/1.1 "):
                        return time.monotonic()
            except OSError:
                time.sleep(0.0002)
        raise Failure(f"{' '.join(self.command)} did not answer:\n{self.said()}")

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:]

    def call(self, method, path, body=None):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        client.request(method, path, body)
        answer = client.getresponse()
        text = answer.read()
        client.close()
        return answer.status, text

    def processor_time(self):
        """Seconds of the processor that the server has used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self):
        """Resident memory in MB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            line = next(line for line in file if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6

    def stop(self):
        """Ends it as a user does; it must end well."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(40)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{' '.join(self.command)} did not stop") from error
        if status != 0:
            raise Failure(f"{' '.join(self.command)} ended with status {status}:\n{self.said()}")

    def load(self, generator, requests, status, method, path, body=None, connections=CONNECTIONS):
        """Runs the load generator on the other core."""
        command = ["taskset", "-c", str(self.cores[1]), generator, str(self.port), str(connections), str(requests),
                   str(status), method, path]
        before = self.processor_time()
        result = subprocess.run(command + ([body] if body else []), capture_output=True, text=True)
        if result.returncode != 0:
            raise Failure(f"{' '.join(command)}: {result.stderr.strip()}\n{self.said()}")
        figures = json.loads(result.stdout)
        figures["processor"] = self.processor_time() - before
        return figures


def rate(figures, requests, **more):
    """A run's figures: requests a second and what goes with them."""
    return dict(value=requests / figures["seconds"], processor=figures["processor"] / requests * 1e6,
                p50=figures["p50"], p99=figures["p99"], load=figures["busy"], **more)


def get_small(peer, bench):
    with Server(peer, bench.cores, "small") as server:
        server.load(bench.load, 5000, 200, "GET", "/small")
        figures = server.load(bench.load, bench.small, 200, "GET", "/small")
    return rate(figures, bench.small)


def post(peer, bench, posts=None, connections=CONNECTIONS):
    posts = int((posts or bench.posts) * peer.share)
    with Server(peer, bench.cores, "post", consumers=0, max_length=1_000_000) as server:
        server.load(bench.load, posts // 20, 202, "POST", "/tasks", BODY, connections)
        figures = server.load(bench.load, posts, 202, "POST", "/tasks", BODY, connections)
    if figures["refused"]:
        raise Failure(f"{peer.name} refused tasks although the queue had room")
    return rate(figures, posts)


def job(peer, bench, consumers):
    """From the first POST until every row can be seen by another process."""
    tasks = int(bench.tasks * peer.share)
    with Server(peer, bench.cores, "job", consumers=consumers) as server:
        before = server.processor_time()
        figures = server.load(bench.load, tasks, 202, "POST", "/tasks", BODY)
        database = sqlite3.connect(f"file:{server.file}?mode=ro", uri=True)
        limit = time.monotonic() + 120
        # Rows are only added, so that the greatest rowid counts them, in constant time.
        while (database.execute("SELECT max(rowid) FROM tasks").fetchone()[0] or 0) < tasks:
            if time.monotonic() > limit:
                raise Failure(f"{peer.name} did not store all tasks:\n{server.said()}")
            time.sleep(0.0005)
        seconds = time.monotonic() - figures["begin"]
        figures["processor"] = server.processor_time() - before
        (rows,) = database.execute("SELECT count(*) FROM tasks WHERE status = 'completed'").fetchone()
        database.close()
        if rows != tasks:
            raise Failure(f"{peer.name} stored {rows} of {tasks} tasks")
        time.sleep(1)
        memory = server.memory()
        server.stop()
    figures["seconds"] = seconds
    return rate(figures, tasks, memory=memory, refused=figures["refused"])


def seed_file():
    """A database with 10,000 results, made once."""
    path = os.path.join(BUILD, "seed.db")
    if os.path.exists(path):
        os.remove(path)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(SCHEMA)
    for index in range(10_000):
        # Multiplied by a number without a common divisor, the keys are distinct and in no order, as random ones are.
        key = f"{index * 2_654_435_761 % 2**32:08x}-0000-4000-8000-{index:012x}"
        payload = json.dumps({"action": "uppercase", "created_at": 1_700_000_000 + index,
                              "data": {"text": "hello world from the load generator"}, "id": key},
                             separators=(",", ":"))
        result = '{"output":"HELLO WORLD FROM THE LOAD GENERATOR"}'
        database.execute("INSERT INTO tasks VALUES (?, ?, 'completed', ?, ?, ?)",
                         (key, payload, result, 1_700_000_000 + index, 1_700_000_001 + index))
    database.commit()
    database.close()
    return path


def newest(peer, bench):
    with Server(peer, bench.cores, "list", seed=bench.seed) as server:
        status, text = server.call("GET", "/tasks")
        answer = json.loads(text)
        expected = list(range(1_700_009_999, 1_700_009_899, -1))
        if status != 200 or [row["created_at"] for row in answer["tasks"]] != expected or answer["count"] != 100:
            raise Failure(f"{peer.name} does not answer the 100 newest rows")
        server.load(bench.load, 200, 200, "GET", "/tasks")
        figures = server.load(bench.load, bench.lists, 200, "GET", "/tasks")
        server.stop()
    return rate(figures, bench.lists)


def start(peer, bench):
    """Milliseconds from the start of the process to its first answer, and its memory a second later."""
    with Server(peer, bench.cores, "start") as server:
        time.sleep(1)
        result = dict(value=server.first_answer * 1000, memory=server.memory(), processor=server.processor_time() * 1e6)
        server.stop()
    return result


def engine(peer, bench, what, times):
    """One figure of Lua alone, without a server."""
    command = ["taskset", "-c", str(bench.cores[0]), *peer.engine_command(what, times)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise Failure(f"{' '.join(command)}: {result.stderr.strip()}")
    return dict(value=float(result.stdout))


def runs(peer, scenario):
    """Whether a peer runs a scenario."""
    name, _, _, needed, _ = scenario
    return needed in peer.offers and (peer.scenarios is None or name in peer.scenarios)


def check(peer, bench):
    """That a peer does the same work as the others; what is measured is worth nothing otherwise."""
    if "http" not in peer.offers:
        return
    problems = []

    def expect(server, method, path, body, status, answer=None):
        got = server.call(method, path, body)
        if got[0] != status or (answer is not None and json.loads(got[1]) != answer):
            problems.append(f"{method} {path} {body or ''}: {got}")
        return got

    with Server(peer, bench.cores, "small") as server:
        expect(server, "GET", "/small", None, 200, {"count": 42, "status": "ready"})
    with Server(peer, bench.cores, "check") as server:
        _, text = expect(server, "POST", "/tasks", '{"action": ', 400)
        # Where it is invalid is more than is asked for.
        if json.loads(text).get("error") != "invalid JSON":
            problems.append(f"POST of no JSON answers {text}")
        expect(server, "POST", "/tasks", '{"data":{}}', 400, {"error": "action required"})
        _, text = expect(server, "POST", "/tasks", '{"action":"sum","data":{"numbers":[1,2,9007199254740993]}}', 202)
        if json.loads(text).get("status") != "queued":
            problems.append(f"POST answers {text}")
        if "tasks" in peer.offers:
            check_tasks(peer, server, json.loads(text)["id"], problems)
            server.stop()
    if problems:
        raise Failure(f"{peer.name} does other work than it must:\n" + "\n".join(problems))


def check_tasks(peer, server, key, problems):
    limit = time.monotonic() + 10
    rows = []
    while not rows and time.monotonic() < limit:
        rows = json.loads(server.call("GET", "/tasks?status=completed")[1])["tasks"]
    row = rows[0] if rows else {}
    payload = json.loads(row.get("payload", "{}"))
    if row.get("id") != key or payload.get("data") != {"numbers": [1, 2, 9007199254740993]}:
        problems.append(f"the stored row is {row}")
    if json.loads(row.get("result", "{}")) != {"output": 9007199254740996}:
        problems.append(f"the stored result is {row.get('result')}")
    if json.loads(server.call("GET", "/tasks?status=none")[1]) != {"count": 0, "tasks": []}:
        problems.append("the filter finds what it must not")
    database = sqlite3.connect(f"file:{server.file}?mode=ro", uri=True)
    (mode,) = database.execute("PRAGMA journal_mode").fetchone()
    indexes = [row[2] for row in database.execute("PRAGMA index_list('tasks')")]
    columns = [row[0] for name in database.execute("SELECT name FROM pragma_index_list('tasks')").fetchall()
               for row in database.execute("SELECT name FROM pragma_index_info(?)", name)]
    database.close()
    if mode != "wal" or len(indexes) != 2 or "created_at" not in columns:
        problems.append(f"the database is in mode {mode} with indexes on {columns}")


#: Name, title, unit, what a peer must offer, how it runs.
ALL = [
    ("get-small", "GET of a small JSON answer from a handler", "requests/s", "http", get_small),
    ("post", "POST of a task, answered with 202, without a consumer and with room in the queue", "requests/s", "http", post),
    ("post-1", "POST of a task, answered with 202, by one client alone", "requests/s", "tasks",
     lambda peer, bench: post(peer, bench, posts=bench.alone, connections=1)),
    ("job-64", "The job: 50,000 tasks accepted and stored, 64 workers", "tasks/s", "tasks",
     lambda peer, bench: job(peer, bench, 64)),
    ("job-2", "The job: 50,000 tasks accepted and stored, 2 workers", "tasks/s", "tasks",
     lambda peer, bench: job(peer, bench, 2)),
    ("list", "GET of the 100 newest of 10,000 rows", "requests/s", "tasks", newest),
    ("start", "From the start to the first answer", "ms", "tasks", start),
    ("lua-call", "Lua: a call of a function that makes a table, in an existing state", "ns", "engine",
     lambda peer, bench: engine(peer, bench, "call", 1_000_000)),
    ("lua-state", "Lua: a new state with its libraries and a script, and its end", "us", "engine",
     lambda peer, bench: engine(peer, bench, "state", 10_000)),
    ("lua-memory", "Lua: the memory of an idle state", "bytes", "engine",
     lambda peer, bench: engine(peer, bench, "memory", 1_000)),
]
