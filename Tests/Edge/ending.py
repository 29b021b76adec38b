"""How a program ends: by which signals, with which status, and what it still says.

Real signals, processes and pipes. What the machine does not offer is skipped, with a line.
"""
import contextlib
import fcntl
import glob
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from slow_clients import guarded, together
from support import (PATIENCE, Application, Program, binary, eventually, free_port, get, let_pass, listens, meanwhile,
                     post, wait_for)

TASK = post(b'{"action":"sum","data":{"numbers":[1,2,3]}}')
#: A user who owns no process, so that the limit of processes counts the application's threads only.
STRANGER = 54321


def run(tally, _arguments):
    # Alone: a program that another thread is about to start holds a copy of every pipe.
    guarded(tally, deaf_standard_output)
    together(tally, [(scenario,) for scenario in SCENARIOS])


# Signals.

def repeated_signals(tally):
    """A repeated SIGTERM changes nothing, and neither does a SIGINT within half a second of the first."""
    with Application("task-queue", ["app:process_task:config.delay=1500ms"]) as application:
        with application.connect() as client:
            tally.check("a task is accepted", client.exchange(TASK).status == 202)
            begin = time.monotonic()
            for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
                application.signal(number)
        let_pass(0.7)
        application.signal(signal.SIGTERM)
        status, elapsed = ended(application), time.monotonic() - begin
        tally.check("repeated signals: the stop goes on", status == 0 and elapsed > 1 and "abandoned" not in
                    application.text(), f"{status} after {elapsed:.2f} s")


def end_at_once(tally):
    """A SIGINT half a second after the first signal, of whichever kind, ends the program at once with status 1."""
    for first in (signal.SIGTERM, signal.SIGINT):
        with Application("task-queue", ["app:process_task:config.delay=60s"]) as application:
            with application.connect() as client:
                client.exchange(TASK)
            application.signal(first)
            let_pass(0.6)
            begin = time.monotonic()
            application.signal(signal.SIGINT)
            status, elapsed = ended(application), time.monotonic() - begin
            tally.check("a late SIGINT: status 1 at once, and a line", status == 1 and elapsed < PATIENCE
                        and "a second SIGINT" in application.text(), f"{first}: {status} after {elapsed:.2f} s")


def hang_up(tally):
    """SIGHUP stops where there is a terminal, and reloads where there is none; an ignored signal stays ignored."""
    with_terminal = [sys.executable, "-c", "import fcntl, os, pty, sys, termios; end = pty.openpty()[1]; os.setsid(); "
                     "fcntl.ioctl(end, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"]
    with Application("task-queue", prefix=with_terminal) as application:
        application.signal(signal.SIGHUP)
        tally.check("SIGHUP on a terminal: exit status 0", ended(application) == 0, application.text()[-300:])
    with Application("task-queue") as application:
        application.signal(signal.SIGHUP)
        tally.check("SIGHUP without one: the project was reloaded",
                    wait_for(lambda: "the project was reloaded" in application.text(), 1))
        with application.connect() as client:
            tally.check("SIGHUP without one: it goes on", client.exchange(get()).status == 200)
        application.signal(signal.SIGTERM)
        tally.check("and stops when it is told to", ended(application) == 0, application.text()[-300:])
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        ignoring = [sys.executable, "-c", f"import os, signal, sys; signal.signal({int(ignored)}, signal.SIG_IGN); "
                    "os.execv(sys.argv[1], sys.argv[1:])"]
        with Application("task-queue", prefix=ignoring) as application:
            for _ in range(2):
                application.signal(ignored)
                let_pass(0.6)
            with application.connect() as client:
                tally.check("an ignored signal stays ignored", client.exchange(get()).status == 200)
            application.signal(signal.SIGHUP if ignored == signal.SIGTERM else signal.SIGTERM)
            tally.check("the others are heard", ended(application) == 0, application.text()[-300:])


def no_thread_left(tally):
    """At the limit of threads a stop goes on to its end: waits, retries, processes and all."""
    is_root = os.getuid() == 0
    if is_root and not shutil.which("setpriv"):
        return tally.skip("a stop at the limit of threads", "root has no such limit, and there is no setpriv")
    stranger = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"] if is_root else []
    if subprocess.run([*stranger, binary("task-queue"), "version"], capture_output=True, check=False).returncode:
        return tally.skip("a stop at the limit of threads", "another user cannot run the programs")
    for number in (signal.SIGTERM, signal.SIGINT):
        folder = tempfile.mkdtemp(prefix="wippy-edge-")
        os.chmod(folder, 0o777)
        try:
            with Application("task-queue", ["app:process_task:config.delay=300ms"], folder=folder,
                             prefix=stranger) as application:
                eventually("Swift's pool has given back the threads that it does not need", lambda: not any(
                    name.endswith("default-qos") for name in of_threads(application, "comm")))
                limit = f"import resource; resource.prlimit({application.pid}, resource.RLIMIT_NPROC, (1, 1))"
                subprocess.run([*stranger, sys.executable, "-c", limit], check=True)
                with application.connect() as client:
                    for _ in range(6):
                        client.exchange(TASK)
                application.signal(number)
                status = ended(application)
                tally.check("a stop at the limit of threads", status == 0 and "abandoned" not in application.text(),
                            f"{status}: {application.text()[-300:]}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def blocked_loop(tally):
    """A handler that never lets go of its loop does not keep the program from its end."""
    with Application(settings=["shutdown.timeout=3s", "runtime.loops=1"]) as application, \
            application.connect() as client:
        client.send(get("/block?ms=60000"))
        eventually("the handler sleeps on the loop's thread", lambda: any(
            "nanosleep" in place for place in of_threads(application, "wchan")))
        begin = time.monotonic()
        application.signal()
        status, elapsed = ended(application, 20), time.monotonic() - begin
        tally.check("a loop that is held up: status 0 in time", status == 0 and elapsed < 6 * PATIENCE,
                    f"{status} after {elapsed:.2f} s")


def unread_pipe(tally):
    """A write to a pipe that nobody reads is an error of its writer."""
    with Application() as application, application.connect() as client:
        answer = client.exchange(get("/unread"))
        tally.check("a pipe without a reader: EPIPE", answer and answer.body == b"32", repr(answer and answer.body))
        tally.check("and the program lives", application.stop() == 0)


# Builds.

#: Stands in for the Swift package manager. Its programs are deaf to gentle signals, or have left their group.
FAKE_SWIFT = """#!/bin/bash
case "$*" in *--show-bin-path*) echo "$BUILT"; exit;; esac
[ -z "$QUICK" ] || exit 0
trap '' INT HUP
(trap '' TERM; exec -a "$MARK" sleep 1001) &
setsid -f bash -c 'exec -a "$MARK" sleep 1002'
(setsid bash -c 'trap "" TERM; exec -a "$MARK" sleep 1003' &)
echo compiling >&2
exec -a "$MARK" sleep 1004
"""


class Build(Program):
    """`wippy-swift` in a folder with a Swift package."""

    def __init__(self, command="run", prefix=(), quick=False, files=()):
        self.folder = tempfile.mkdtemp(prefix="wippy-edge-")
        self.mark = f"wippy-{os.path.basename(self.folder)}"
        self.write("bin/swift", FAKE_SWIFT, 0o755)
        self.write("Package.swift", "")
        self.write(".wippy.yaml", 'version: "1.0"\nswift: {product: task-queue}\n')
        self.write("wippy.lock", "directories:\n    modules: .wippy\n    src: ./src\n")
        self.write("src/_index.yaml", 'version: "1.0"\nnamespace: app\nentries:\n  - name: gateway\n'
                   "    kind: http.service\n    addr: 127.0.0.1:0\n    lifecycle: {auto_start: true}\n")
        for path, content in dict(files).items():
            self.write(path, content)
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*prefix, binary("wippy-swift"), *command.split()], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env={
                    **os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "MARK": self.mark,
                    "QUICK": "1" if quick else "", "BUILT": os.path.dirname(binary("task-queue"))})

    def write(self, path, text, mode=0o644):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def end(self):
        for pid in self.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        super().end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def left(self):
        """The programs of the build that run."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/cmdline", "rb") as file:
                if file.read().startswith(self.mark.encode()):
                    found.append(int(name))
        return found

    def child(self):
        """The one child of the process, which its prefix has started."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])


def is_pending(pid, number):
    """Tells whether a process has yet to hear a signal; a process that has ended hears none."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            pending = re.findall(r"(?:Sig|Shd)Pnd:\s+([0-9a-f]+)", file.read())
    except FileNotFoundError:
        return False
    return any(int(bits, 16) >> (number - 1) & 1 for bits in pending)


def signal_during_build(tally):
    """A signal during a build ends all that it has started, and the status is 128 and the signal's number."""
    for number, command in ((15, "run"), (2, "run"), (1, "run"), (3, "run"), (15, "lint")):
        with Build(command) as build:
            eventually("the build", lambda: len(build.left()) == 4 and "compiling" in build.text())
            os.kill(build.process.pid, number)
            status = ended(build, 15)
            tally.check("a signal during a build: its status", status == 128 + number, f"{number}: {status}")
            tally.check("a signal during a build: nothing is left", not build.left(), f"{number}: {build.left()}")
            tally.check("a signal during a build: a line", "ended the build" in build.text(), build.text())
    with Build() as build:
        eventually("the build", lambda: len(build.left()) == 4 and "compiling" in build.text())
        begin = time.monotonic()
        for _ in range(2):
            os.kill(build.process.pid, signal.SIGTERM)
            eventually("the signal is heard", lambda: not is_pending(build.process.pid, signal.SIGTERM))
        status, elapsed = ended(build, 15), time.monotonic() - begin
        tally.check("a second signal waits for nobody", status == 143 and elapsed < 1.5 * PATIENCE and not build.left(),
                    f"{status} after {elapsed:.2f} s")


def first_process(tally):
    """As process 1 of a container it is the same, and the application that it becomes hears signals, too."""
    contained = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]
    if not shutil.which("unshare") or subprocess.run([*contained, "true"], capture_output=True, check=False).returncode:
        return tally.skip("as process 1", "this user may not make a namespace of processes")
    with Build(prefix=contained) as build:
        eventually("the build", lambda: len(build.left()) == 4 and "compiling" in build.text())
        os.kill(build.child(), signal.SIGTERM)
        tally.check("a build as process 1: its status", ended(build, 15) == 143, build.text())
        tally.check("a build as process 1: nothing is left", not build.left())
    with Build(prefix=contained, quick=True) as build:
        eventually("listening", lambda: "listening" in build.text())
        os.kill(build.child(), signal.SIGTERM)
        tally.check("an application as process 1", ended(build, 15) == 0, build.text())


def signal_after_build(tally):
    """The application that was built hears a signal, whenever it comes."""
    for pause in (0, 0.01, 0.02, 0.03, 0.05, 0.1):
        with Build(quick=True) as build:
            eventually("the build", lambda: "building" in build.text())
            meanwhile(pause)
            build.process.send_signal(signal.SIGTERM)
            status = ended(build, 15)
            tally.check("a signal between build and application", status in (0, 143),
                        f"{pause}: {status} {build.text()}")


def settings_of_build(tally):
    """The settings file that the arguments name chooses the product, for a command of the application too."""
    for command in ("queue list --config production.yaml", "count --config production.yaml",
                    "count --config=production.yaml", "count things --set swift.product=chosen",
                    "count --profile chosen -x"):
        with Build(command, quick=True, files={
                "production.yaml": "swift: {product: chosen}\n",
                ".wippy.yaml": "swift: {product: usual}\nprofiles: {chosen: {swift: {product: chosen}}}\n"}) as build:
            ended(build, 15)
            tally.check("the settings that the arguments name choose the product",
                        "building chosen" in build.text(), f"{command}: {build.text()}")


def held_signals(tally):
    """A program that is started with its signals held back hears them, and so do programs that its command starts."""
    held = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    for number in held:
        with descriptor("a full pipe") as full:
            process = subprocess.Popen([binary("task-queue"), "manual"], stdin=subprocess.DEVNULL, stdout=full,
                                       preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, held))
            # A program that the command starts holds back what the thread of the command's loop does.
            loop = eventually("the command runs", lambda: next(
                (status for status in of_threads(process, "status") if "Name:\tloop-" in status), None))
            blocked = int(re.search(r"SigBlk:\s+([0-9a-f]+)", loop)[1], 16)
            tally.check("the command's thread holds no signals back",
                        not any(blocked >> (each - 1) & 1 for each in held), f"{blocked:x}")
            process.send_signal(number)
            status = ended(process)
            tally.check("a signal ends a command that holds none back", status == -number, f"{number}: {status}")


# Standard output and error.

@contextlib.contextmanager
def descriptor(kind):
    """A descriptor that takes nothing, in one of several ways; None for one that is closed."""
    with contextlib.ExitStack() as kept:
        if kind == "closed":
            yield None
            return
        if kind == "/dev/full":
            end = os.open(kind, os.O_WRONLY)
        elif kind == "a full socket":
            near, far = socket.socketpair()
            kept.callback(far.close)
            near.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    near.send(b"x")
            near.setblocking(True)
            end = near.detach()
        else:
            outlet, end = os.pipe()
            if kind == "a pipe without a reader":
                os.close(outlet)
            else:
                kept.callback(os.close, outlet)
                flags = fcntl.fcntl(end, fcntl.F_GETFL)
                fcntl.fcntl(end, fcntl.F_SETFL, flags | os.O_NONBLOCK)
                with contextlib.suppress(BlockingIOError):
                    while True:
                        os.write(end, b"x" * 4096)
                fcntl.fcntl(end, fcntl.F_SETFL, flags)
        kept.callback(os.close, end)
        yield end


DEAF = ("closed", "/dev/full", "a full socket", "a pipe without a reader", "a full pipe")


def command(arguments, limit=None, closing=None, **streams):
    """A program with its exit status, in a process of its own."""
    def prepare():
        if closing is not None:
            os.close(closing)
        if limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    return subprocess.Popen([binary("task-queue"), *arguments], cwd=Application.projects["task-queue"],
                            stdin=subprocess.DEVNULL, preexec_fn=prepare, **streams)


def deaf_standard_error(tally):
    """Whatever standard error is, a program ends with the right status, and soon."""
    for kind in DEAF:
        for arguments, expected in ((["run", "-o", "nonsense"], 1), (["nonsense"], 1), (["lint"], 0), (["version"], 0)):
            with descriptor(kind) as end:
                begin = time.monotonic()
                process = command(arguments, closing=2 if end is None else None, stdout=subprocess.DEVNULL,
                                  **({} if end is None else {"stderr": end}))
                status, elapsed = ended(process), time.monotonic() - begin
                tally.check(f"standard error is {kind}", status == expected and elapsed < 2 * PATIENCE,
                            f"{arguments}: {status} after {elapsed:.2f} s")
        with descriptor(kind) as end, tempfile.TemporaryDirectory() as folder:
            file, port = os.path.join(folder, "tasks.db"), free_port()
            process = command(["run", "-v", "-o", f"app:gateway:addr=127.0.0.1:{port}", "-o", f"app:db:file={file}"],
                              closing=2 if end is None else None, stdout=subprocess.DEVNULL,
                              **({} if end is None else {"stderr": end}))
            eventually("it listens", lambda: listens(port))
            if end is None:
                tally.check("what is closed is /dev/null", os.readlink(f"/proc/{process.pid}/fd/2") == "/dev/null")
            begin = time.monotonic()
            process.send_signal(signal.SIGTERM)
            status, elapsed = ended(process), time.monotonic() - begin
            tally.check(f"standard error of a run is {kind}", status == 0 and elapsed < 3 * PATIENCE,
                        f"{status} after {elapsed:.2f} s")


def taken_port(tally):
    """Whoever has the port is named, or, where it cannot be seen, said to be there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = "127.0.0.1:%d" % server.getsockname()[1]
        arguments = ["run", "-o", f"app:gateway:addr={address}", "-o", "app:db:file=:memory:"]
        process = command(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.communicate(timeout=10 * PATIENCE)[1].decode()
        with open("/proc/self/comm", encoding="utf-8") as file:
            wanted = f"'{file.read().strip()}' (process {os.getpid()}) already listens there; stop it or choose another port"
        tally.check("a taken port is an error that names who has it", process.returncode == 1 and wanted in said, said)
        if os.getuid() != 0:
            return tally.skip("whoever cannot be seen is not named", "only root can start another user's program")
        process = command(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, user=STRANGER)
        said = process.communicate(timeout=10 * PATIENCE)[1].decode()
        tally.check("whoever cannot be seen is not named",
                    "another program already listens there; stop it or choose another port" in said, said)


def deaf_standard_output(tally):
    """A result that cannot be written is an error; a closed standard output wants none."""
    for arguments in (["version"], ["--help"], ["run", "--help"], ["lint", "--json"]):
        for kind in ("closed", "/dev/full", "a pipe without a reader"):
            with descriptor(kind) as end:
                process = command(arguments, closing=1 if end is None else None, stderr=subprocess.PIPE,
                                  **({} if end is None else {"stdout": end}))
                said = process.communicate(timeout=10 * PATIENCE)[1]
                is_right = (process.returncode == 0 and not said if end is None else
                            process.returncode == 1 and b"cannot write to standard output" in said)
                tally.check(f"standard output is {kind}", is_right, f"{arguments}: {process.returncode} {said}")


def few_descriptors(tally):
    """Below 64 descriptors nothing starts; above, their number is named where it is the cause."""
    for limit in (5, 8, 11, 14, 24, 30, 63):
        for arguments in (["run"], ["lint"], ["version"]):
            process = command(arguments, limit, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            said = process.communicate(timeout=10 * PATIENCE)[1].decode()
            tally.check("below 64 descriptors", process.returncode == 1 and f"the limit is {limit}" in said
                        and said.count("\n") == 1, f"{arguments} {limit}: {process.returncode} {said}")
    with tempfile.TemporaryDirectory() as folder:
        for loops in (1, 8, 9, 10, 11, 12, 13, 14, 16, 64):
            with open(os.path.join(folder, "log"), "w+b") as log:
                process = command(["run", "--set", f"runtime.loops={loops}", "-o", "app:gateway:addr=127.0.0.1:0", "-o",
                                   f"app:db:file={folder}/tasks.db"], 64, stdout=log, stderr=log)
                is_running = has_started(process, log)
                process.send_signal(signal.SIGTERM)
                ended(process)
                said = text(log)
            is_right = (process.returncode == 0 if is_running else process.returncode == 1
                        and "too many open files; the limit is 64" in said)
            tally.check("above 64 descriptors", is_right and (is_running or loops > 1),
                        f"{loops} loops: {process.returncode} {said[-300:]}")
    with tempfile.TemporaryDirectory() as folder:
        # Each count of descriptors that are left is another place where they run out.
        for used in range(20, 60):
            inherited = [os.open("/dev/null", os.O_RDONLY) for _ in range(used)]
            with open(os.path.join(folder, "log"), "w+b") as log:
                process = command(["run", "-o", "app:gateway:addr=127.0.0.1:0", "-o", f"app:db:file={folder}/tasks.db"],
                                  64, stdout=log, stderr=log, pass_fds=inherited)
                for number in inherited:
                    os.close(number)
                has_started(process, log)
                process.send_signal(signal.SIGTERM)
                begin = time.monotonic()
                ended(process, 20)
                elapsed, said = time.monotonic() - begin, text(log)
            is_right = (process.returncode == 0 if process.returncode != 1
                        else "too many open files; the limit is 64" in said)
            tally.check("64 descriptors, some of them taken", is_right and elapsed < 5 * PATIENCE,
                        f"{used}: {process.returncode} after {elapsed:.1f} s: {said[-300:]}")
    with Application("task-queue", descriptors=64) as application, contextlib.ExitStack() as clients:
        for _ in range(60):
            clients.enter_context(application.connect())
        eventually("a pause", lambda: "accepting connections is paused" in application.text())
        tally.check("accepting names the limit", "too many open files; the limit is 64" in application.text(),
                    application.text())
        tally.check("and it ends", application.stop() == 0)


def text(log):
    """Everything that is in an open file."""
    log.seek(0)
    return log.read().decode()


def has_started(process, log):
    """Waits until a program has started, or begins a part of it again, or has ended; false if it has ended."""
    eventually("it starts or ends", lambda: process.poll() is not None
               or re.search(r"info +started |will start again", text(log)))
    return process.poll() is None


def of_threads(program, name):
    """What /proc has under this name for each thread of a program."""
    texts = []
    for path in glob.glob(f"/proc/{program.pid}/task/*/{name}"):
        # A thread may have ended.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(path, encoding="utf-8") as file:
            texts.append(file.read().strip())
    return texts


def ended(program, seconds=10):
    """The exit status of an application or process; None if it has none in time."""
    try:
        return getattr(program, "process", program).wait(seconds * PATIENCE)
    except subprocess.TimeoutExpired:
        getattr(program, "process", program).kill()
        return None


SCENARIOS = [repeated_signals, end_at_once, hang_up, no_thread_left, blocked_loop, unread_pipe, signal_during_build,
             first_process, signal_after_build, settings_of_build, held_signals, deaf_standard_error, few_descriptors,
             taken_port]
