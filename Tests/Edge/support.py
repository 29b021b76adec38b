"""What the tests of the edge share: built applications as child processes, raw clients, and the tally of checks."""
import functools
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
#: How much longer than usual things may take: the sanitizers' builds are many times slower.
PATIENCE = float(os.environ.get("EDGE_PATIENCE", "1"))


#: The programs of `examples`, by the names of their folders.
EXAMPLES = ["own-kind", "hello", "retries", "worker", "embedded", "streaming", "codable", "lua-and-swift"]

#: The projects of `examples` without Swift, which `wippy-swift` runs.
SCRIPTS = ["lua-hello", "lua-channels", "lua-schedule", "lua-task-queue", "lua-worker"]

#: What sanitizers have said in the logs of applications that have ended.
REPORTS = []


class Tally:
    """Counts checks, and prints what fails as it happens."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def check(self, title, holds, detail=""):
        with self.lock:
            if holds:
                self.passed += 1
            else:
                self.failed += 1
                print(f"FAIL  {title}  -- {detail}", flush=True)
        return bool(holds)

    def skip(self, title, reason):
        """Says what cannot be tested on this machine, so that nobody takes it for passed."""
        with self.lock:
            self.skipped += 1
            print(f"SKIP  {title}  -- {reason}", flush=True)

    def summary(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def binary(name):
    """A built product, of the folder that EDGE_BUILD names: the release build unless it is set.

    The programs of `examples` are built for debugging, in their own package; those without Swift have none.
    """
    folder = os.environ.get("EDGE_BUILD", os.path.join(ROOT, ".build", "release"))
    if name in EXAMPLES:
        folder = os.path.join(ROOT, "examples", ".build", "debug")
    if name in SCRIPTS:
        name = "wippy-swift"
    path = os.path.join(folder, name)
    if not os.access(path, os.X_OK):
        raise SystemExit(f"{path} is missing: run 'make {'examples' if name in EXAMPLES else 'build'}' first")
    return os.path.abspath(path)


#: What counts the instructions of a program.
COUNTER = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
STRIPPED = tempfile.TemporaryDirectory(prefix="wippy-counted-")


@functools.cache
def counted(name):
    """The command that counts the instructions of a product: of a copy, since valgrind gives up where it cannot read debug information."""
    path = os.path.join(STRIPPED.name, name)
    subprocess.run(["strip", "--strip-debug", "-o", path, binary(name)], check=True)
    return [*COUNTER, path]


def preloaded():
    library = os.environ.get("EDGE_PRELOAD")
    return {"LD_PRELOAD": library} if library else {}


class Program:
    """A child process, its attribute `process`, that ends with its `with`; it prints to the file `log`, if it has one."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Kills it, if it runs, and removes what belongs to it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def text(self):
        """Everything that it has printed."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


class Application(Program):
    """A built application as a child process, on a port that the system gives out, in a folder of its own.

    `name` is `task-queue` (the repository's application), `WippyProbe` (Tests/Probe) or one of `examples`. `overrides` are values of `-o`,
    `settings` of `--set`. `address` is where its gateway listens; None leaves what the project says. `project` is another folder than the application's own. `descriptors` bounds its file descriptors; `environment` adds variables; `prefix` is a
    command that runs it; `is_counted`: its log says at the end how many instructions it took. EDGE_PRELOAD names a library that is loaded in front of it.
    """
    projects = {"task-queue": ROOT, "WippyProbe": os.path.join(ROOT, "Tests", "Probe"),
                **{name: os.path.join(ROOT, "examples", name) for name in EXAMPLES + SCRIPTS}}
    namespaces = {"task-queue": "app", "WippyProbe": "probe", **{name: "app" for name in EXAMPLES + SCRIPTS}}

    def __init__(self, name="WippyProbe", overrides=(), settings=(), folder=None, database=None, descriptors=None,
                 environment=None, prefix=(), wait=True, project=None, address="127.0.0.1:0", is_counted=False):
        self.folder = folder or tempfile.mkdtemp(prefix="wippy-edge-")
        self.is_folder_own = folder is None
        self.database = database or os.path.join(self.folder, "tasks.db")
        space = self.namespaces[name]
        options = [*([f"{space}:gateway:addr={address}"] if address else []), *overrides]
        if name == "task-queue":
            options.insert(0, f"app:db:file={self.database}")
        command = [*prefix, *(counted(name) if is_counted else [binary(name)]), "run"]
        command += [word for option in options for word in ("-o", option)]
        command += [word for setting in settings for word in ("--set", setting)]
        self.log = os.path.join(self.folder, f"log-{time.monotonic_ns()}")

        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command, cwd=project or self.projects[name], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **preloaded(), **(environment or {})},
                preexec_fn=limit)
        self.port = None
        if wait:
            self.wait_until_listening()

    def end(self):
        super().end()
        report = re.search(r"(?s)(WARNING|ERROR): (Thread|Address)Sanitizer.{0,3000}", self.text())
        if report:
            REPORTS.append(report[0])
        if self.is_folder_own:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    def wait_until_listening(self, seconds=30):
        eventually("listening", lambda: self.process.poll() is not None or self.listening(), seconds)
        if not self.listening():
            raise SystemExit(f"the application ended with {self.process.poll()}:\n{self.text()[-3000:]}")
        self.port = self.listening()

    def listening(self):
        found = re.search(r"listening.*?:([1-9]\d*)\b", self.text())
        return int(found[1]) if found else None

    def connect(self, timeout=15, receive_buffer=None):
        return Client(self.port, timeout, receive_buffer)

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def stop(self, seconds=40):
        """SIGTERM, and the exit status; None if it did not come in time."""
        if self.process.poll() is None:
            self.signal()
        try:
            return self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def memory(self, line="VmRSS"):
        """Bytes of resident memory; with `VmHWM` the most that there ever were."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(line + r":\s+(\d+)", file.read())[1]) * 1024


class Client:
    """A raw connection that reads answers as they are framed.

    `receive_buffer` is how many bytes the system takes for it ahead of its reading.
    """

    def __init__(self, port, timeout=15, receive_buffer=None):
        self.socket = socket.socket()
        self.socket.settimeout(timeout * PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def drip(self, data, sizes=(1, 2, 3), pause=0.0):
        """Sends the bytes in pieces of these sizes in turn, each in a packet of its own."""
        at = turn = 0
        while at < len(data):
            size = sizes[turn % len(sizes)]
            self.socket.sendall(data[at:at + size])
            at, turn = at + size, turn + 1
            if pause:
                trickle(pause)

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def receive_more(self):
        """False at the end of the connection."""
        data = self.socket.recv(1 << 16)
        self.buffer += data
        return bool(data)

    def receive_to_end(self):
        while self.receive_more():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def receive_until(self, mark):
        while mark not in self.buffer:
            if not self.receive_more():
                return None
        end = self.buffer.index(mark) + len(mark)
        data, self.buffer = self.buffer[:end], self.buffer[end:]
        return data

    def receive(self, count):
        while len(self.buffer) < count:
            if not self.receive_more():
                raise EOFError(f"the connection ended {count - len(self.buffer)} bytes early")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def response(self, is_head=False):
        """The next answer, read as its framing says; None at a clean end.

        Raises EOFError for an answer that is cut off, ConnectionError for a reset, ValueError for what is no answer.
        """
        head = self.receive_until(b"\r\n\r\n")
        if head is None:
            if self.buffer:
                raise EOFError(f"the connection ended in a head: {self.buffer[:200]!r}")
            return None
        response = Response(head)
        if is_head or response.status in (204, 304) or response.status < 200:
            return response
        coding, length = response.field("transfer-encoding"), response.field("content-length")
        if coding == "chunked":
            while True:
                line = self.receive_until(b"\r\n")
                if line is None:
                    raise EOFError("the connection ended in a chunked answer")
                size = int(line, 16)
                response.body += self.receive(size)
                self.receive(2)
                if size == 0:
                    return response
        if length is None:
            response.body = self.receive_to_end()
        else:
            response.body = self.receive(int(length))
        return response

    def exchange(self, data, is_head=False):
        self.send(data)
        return self.response(is_head)


class Response:
    """An answer: status, fields in order, body."""

    def __init__(self, head):
        lines = head[:-4].split(b"\r\n")
        found = re.fullmatch(rb"HTTP/1\.1 (\d{3}) ([\x20-\x7e]*)", lines[0])
        if not found:
            raise ValueError(f"this is no status line: {lines[0][:200]!r}")
        self.status, self.reason, self.body = int(found[1]), found[2].decode(), b""
        self.fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon or not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
                raise ValueError(f"this is no field line: {line[:200]!r}")
            self.fields.append((name.decode().lower(), value.strip().decode("latin-1")))

    def field(self, name):
        """The one value of a field; None if there is none. A repeated field is an error of the server."""
        values = [value for key, value in self.fields if key == name]
        if len(values) > 1:
            raise ValueError(f"the field {name} is repeated: {values}")
        return values[0] if values else None

    @property
    def closes(self):
        return (self.field("connection") or "").lower() == "close"


def free_port():
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    """Tells whether a program accepts connections on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


# Time that passes. Only these functions sleep: a test that waits for something waits for the sign of it.

def trickle(seconds):
    """The pause of a client between two pieces of what it sends or reads, or between two requests: it sets its pace."""
    time.sleep(seconds)


def meanwhile(seconds):
    """Work goes on until a moment, which chance has chosen, for a stop or a kill."""
    time.sleep(seconds)


def let_pass(seconds):
    """Time that is itself what a test is about: a limit that it stays below or goes beyond, how long somebody else holds
    something, how long nothing may happen or change."""
    time.sleep(seconds)


def wait_for(condition, seconds):
    """Waits until a condition holds; False if it does not come about in time."""
    try:
        return bool(eventually("it", condition, seconds))
    except AssertionError:
        return False


def eventually(what, condition, seconds=30):
    """Waits until a condition holds, and returns what it gave."""
    end = time.monotonic() + seconds * PATIENCE
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come about in {seconds:g} s")
        time.sleep(0.005)
    return result


def post(body, path="/tasks", more=b""):
    """The bytes of a POST with JSON text."""
    return (b"POST " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + more
            + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def get(path="/tasks", more=b""):
    """The bytes of a GET."""
    return b"GET " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\n" + more + b"\r\n"
