#!/usr/bin/env python3
"""Counts the allocations that one request, one message and one row cost, and compares them with the expected ones.

usage: allocations.py BINARY LIBRARY [--record] [--profile FIGURE]

BINARY     the application's release product, which runs projects whose handlers are in Lua, too
LIBRARY    what was built of allocations.c
--record   write the figures into allocations.json as the expected ones
--profile  instead, show where the allocations of one figure come from

Each figure is the difference between 10,000 and 20,000 of the thing, so that what the start, caches and growing
buffers cost is left out. Exit status 1 if a figure is more than 5 % and more than 2 above what is expected.
"""
import argparse, collections, contextlib, json, mmap, os, re, shutil, socket, sqlite3, struct, subprocess, sys
import tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
EXPECTED = os.path.join(HERE, "allocations.json")
DEPTH, SAMPLES, HEADER = 48, 8192, 24
COUNT = 10_000
ROWS = 100
BODY = b'{"action":"sum","data":{"numbers":[1,2,3,4],"note":"a task of the usual size"}}'
IDLE_CONSUMER = ["app:task_consumer:lifecycle.auto_start=false",
                 "app:tasks_queue:driver_options.memory.max_length=1000000"]
BUSY_CONSUMER = ["app:task_consumer:concurrency=1", "app:process_task:config.delay=0s"]
#: The application's project with its queue in the database.
DURABLE = os.path.join(PROJECT, "examples", "durable")
#: The same application with each handler in Lua.
LUA = os.path.join(PROJECT, "Tests", "Benchmarks", "Lua")


class Counts:
    """The memory that the counting library shares."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.truncate(HEADER + SAMPLES * DEPTH * 8)
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)

    def allocations(self):
        return struct.unpack_from("<Q", self.memory, 0)[0]

    def sample(self, interval):
        struct.pack_into("<Q", self.memory, 8, interval)

    def stacks(self):
        kept = min(struct.unpack_from("<Q", self.memory, 16)[0], SAMPLES)
        for index in range(kept):
            stack = struct.unpack_from(f"<{DEPTH}Q", self.memory, HEADER + index * DEPTH * 8)
            yield [address for address in stack if address]


class Application:
    """The application under the counting library, on one event loop."""

    def __init__(self, binary, library, folder, overrides, project=PROJECT):
        self.folder = tempfile.mkdtemp(dir=folder)
        self.database = os.path.join(self.folder, "tasks.db")
        self.counts = Counts(os.path.join(self.folder, "counts"))
        self.log = open(os.path.join(self.folder, "log"), "w+b")
        options = ["app:gateway:addr=127.0.0.1:0", f"app:db:file={self.database}", *overrides]
        self.process = subprocess.Popen(
            [binary, "run", "--set", "runtime.loops=1", *[word for option in options for word in ("-o", option)]],
            cwd=project, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, "LD_PRELOAD": library, "ALLOCATION_COUNTS": self.counts.path})

    def text(self):
        with open(self.log.name, errors="replace") as log:
            return log.read()

    def wait(self, what, condition, seconds=30):
        end = time.monotonic() + seconds
        while not (result := condition()):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{what} did not come about; the application's log:\n{self.text()[-2000:]}")
            time.sleep(0.005)
        return result

    def connect(self):
        listening = self.wait("listening", lambda: re.search(r"127\.0\.0\.1:([1-9]\d*)", self.text()))
        return socket.create_connection(("127.0.0.1", int(listening[1])), timeout=10)

    def wait_for_rows(self, wanted):
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            self.wait("storing", lambda: database.execute("SELECT count(*) FROM tasks").fetchone()[0] >= wanted)

    def add_rows(self, number):
        with contextlib.closing(sqlite3.connect(self.database)) as database, database:
            for index in range(number):
                database.execute(
                    "INSERT INTO tasks VALUES (?, ?, 'completed', ?, ?, ?)",
                    (f"00000000-0000-4000-8000-{index:012}", BODY.decode(), '{"output":10}', 1_700_000_000, 1_700_000_001))

    def stop(self):
        self.process.terminate()
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            sys.exit("the application did not stop")
        if status != 0:
            sys.exit(f"the application ended with status {status}:\n{self.text()[-2000:]}")


def exchange(client, request, status, times):
    """Sends a request and reads its answer, again and again on one connection."""
    wanted = b"HTTP/1.1 %d " % status
    for _ in range(times):
        client.sendall(request)
        answer = client.recv(1 << 16)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += client.recv(1 << 16)
        length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", answer)[1])
        while len(answer) < end + 4 + length:
            answer += client.recv(1 << 16)
        if not answer.startswith(wanted):
            sys.exit(f"expected status {status}, got {answer[:200]!r}")


def request(method, target, body=b""):
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


NOT_FOUND = request("GET", "/nowhere")
GET = request("GET", "/tasks?status=none")
GET_ROWS = request("GET", "/tasks")
GET_SMALL = request("GET", "/small")
POST = request("POST", "/tasks", BODY)


class Scenario:
    """One thing that is done 20,000 times; its cost is what the second half has added."""

    def __init__(self, overrides, sent, status, rows=0, requests=COUNT, waits=False, project=PROJECT):
        self.overrides, self.sent, self.status = overrides, sent, status
        self.rows, self.requests, self.waits, self.project = rows, requests, waits, project

    def run(self, binary, library, folder, between=lambda application: None):
        """Returns the allocations of one request, and of what it led to if the scenario waits for that."""
        application = Application(binary, library, folder, self.overrides, self.project)
        client = application.connect()
        application.add_rows(self.rows)
        self.half(application, client, 1)
        before = application.counts.allocations()
        between(application)
        self.half(application, client, 2)
        cost = (application.counts.allocations() - before) / self.requests
        client.close()
        self.application = application
        application.stop()
        return cost

    def half(self, application, client, number):
        exchange(client, self.sent, self.status, self.requests)
        if self.waits: application.wait_for_rows(number * self.requests)


SCENARIOS = {
    "not_found": Scenario(IDLE_CONSUMER, NOT_FOUND, 404),
    "get": Scenario(IDLE_CONSUMER, GET, 200),
    "rows": Scenario(IDLE_CONSUMER, GET_ROWS, 200, rows=ROWS, requests=COUNT // ROWS),
    "post": Scenario(IDLE_CONSUMER, POST, 202),
    "stored": Scenario(BUSY_CONSUMER, POST, 202, waits=True),
    "durable_post": Scenario(IDLE_CONSUMER[:1], POST, 202, project=DURABLE),
    "durable_stored": Scenario(BUSY_CONSUMER, POST, 202, waits=True, project=DURABLE),
    "lua_small": Scenario(IDLE_CONSUMER, GET_SMALL, 200, project=LUA),
    "lua_get": Scenario(IDLE_CONSUMER, GET, 200, project=LUA),
    "lua_rows": Scenario(IDLE_CONSUMER, GET_ROWS, 200, rows=ROWS, requests=COUNT // ROWS, project=LUA),
    "lua_post": Scenario(IDLE_CONSUMER, POST, 202, project=LUA),
    "lua_stored": Scenario(BUSY_CONSUMER[:1], POST, 202, waits=True, project=LUA),
}
FIGURES = {
    "not_found": ("a request that no endpoint answers", lambda cost: cost["not_found"]),
    "get": ("a GET whose query finds no row", lambda cost: cost["get"]),
    "row": ("one more row in the answer of a GET", lambda cost: (cost["rows"] - cost["get"]) / ROWS),
    "post": ("a POST whose message waits in the queue", lambda cost: cost["post"]),
    "message": ("a message taken, handled and stored", lambda cost: cost["stored"] - cost["post"]),
    "durable_post": ("a POST whose message is kept in a table", lambda cost: cost["durable_post"]),
    "durable_message": ("a message of a table, handled and stored",
                        lambda cost: cost["durable_stored"] - cost["durable_post"]),
    "lua_small": ("a GET that a script answers at once", lambda cost: cost["lua_small"]),
    "lua_get": ("a GET by a script whose query finds no row", lambda cost: cost["lua_get"]),
    "lua_row": ("one more row in a script's answer", lambda cost: (cost["lua_rows"] - cost["lua_get"]) / ROWS),
    "lua_post": ("a POST that a script puts into the queue", lambda cost: cost["lua_post"]),
    "lua_message": ("a message taken and stored by a script", lambda cost: cost["lua_stored"] - cost["lua_post"]),
}


def measure(arguments, folder):
    cost = {name: one.run(arguments.binary, arguments.library, folder) for name, one in SCENARIOS.items()}
    return {name: round(figure(cost), 2) for name, (_, figure) in FIGURES.items()}


def compare(figures):
    with open(EXPECTED) as file:
        expected = json.load(file)
    failures = 0
    for name, figure in figures.items():
        wanted = expected[name]
        verdict = "ok"
        if figure > wanted * 1.05 and figure > wanted + 2:
            verdict, failures = "FAIL", failures + 1
        elif figure < wanted * 0.95 and figure < wanted - 2:
            verdict = "ok, and less than expected: record it"
        print(f"{FIGURES[name][0]:44} {figure:8.2f} allocations, expected {wanted:8.2f}  {verdict}")
    return failures


def profile(arguments, folder):
    """Prints where the allocations of the second half come from, the most frequent places first."""
    name = {"message": "stored", "row": "rows", "durable_message": "durable_stored",
            "lua_row": "lua_rows", "lua_message": "lua_stored"}.get(arguments.profile, arguments.profile)
    scenario, maps = SCENARIOS[name], []

    def start(application):
        with open(f"/proc/{application.process.pid}/maps") as file:
            maps.extend(file.readlines())
        application.counts.sample(29)

    cost = scenario.run(arguments.binary, arguments.library, folder, between=start)
    stacks = list(scenario.application.counts.stacks())
    sources = sources_of({address for stack in stacks for address in stack}, maps)
    places = collections.Counter()
    for stack in stacks:
        frames = [frame for address in stack for frame in sources.get(address, [])]
        ours = [frame for frame in frames if "/Sources/" in frame[1]]
        kind = next((frame[0] for frame in frames[::-1] if frame[0].startswith(("swift_", "sqlite3"))), "")
        kind = next((frame[0] for frame in frames if frame not in ours), "") if not kind else kind
        shown = " < ".join(f"{frame[1].split('/Sources/')[1]} {short(frame[0])}" for frame in ours[:4])
        places[shown or " < ".join(short(frame[0]) for frame in frames[:6]) or "elsewhere"] += 1
    print(f"{cost:.2f} allocations for each; {len(stacks)} of them sampled")
    for place, number in places.most_common(60):
        print(f"{cost * number / len(stacks):7.2f}  {place}")


def short(symbol):
    return re.sub(r"\(.*", "", re.sub(r"<.*", "", symbol.replace("generic specialization", "spec")))[:80] or symbol[:80]


def sources_of(addresses, maps):
    """The functions, files and lines of return addresses, inlined ones first."""
    regions = []
    for line in maps:
        match = re.match(r"([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ \S+ +(/.*)", line)
        if match: regions.append((int(match[1], 16), int(match[2], 16), int(match[3], 16), match[4]))
    base = {}
    for start, _, offset, path in regions:
        if offset == 0: base.setdefault(path, start)
    by_path = collections.defaultdict(list)
    for address in addresses:
        for start, end, _, path in regions:
            if start <= address < end and path in base: by_path[path].append(address)
    found = {}
    for path, inside in by_path.items():
        # A return address is the instruction after the call.
        words = "\n".join(hex(address - base[path] - 1) for address in inside)
        output = subprocess.run(
            ["llvm-symbolizer", "--obj=" + path, "--output-style=JSON", "--inlines"], input=words, text=True,
            capture_output=True).stdout
        for address, line in zip(inside, output.splitlines()):
            frames = json.loads(line).get("Symbol", [])
            names = demangled(tuple(frame["FunctionName"] for frame in frames))
            found[address] = [(name, f"{frame['FileName']}:{frame['Line']}") for name, frame in zip(names, frames)]
    return found


def demangled(names, known={}):
    missing = [name for name in names if name not in known]
    if missing:
        output = subprocess.run(["swift-demangle", "-compact", "-simplified"], input="\n".join(missing), text=True, capture_output=True).stdout
        known.update(zip(missing, output.splitlines()))
    return [known.get(name, name) for name in names]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("library")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--profile", choices=[*FIGURES, *SCENARIOS])
    arguments = parser.parse_args()
    arguments.binary, arguments.library = os.path.abspath(arguments.binary), os.path.abspath(arguments.library)
    folder = tempfile.mkdtemp(prefix="wippy-gates-")
    try:
        if arguments.profile: return profile(arguments, folder)
        figures = measure(arguments, folder)
        if arguments.record:
            with open(EXPECTED, "w") as file:
                file.write(json.dumps(figures, indent=4) + "\n")
        return 1 if compare(figures) else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
