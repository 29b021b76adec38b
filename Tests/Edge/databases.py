"""SQLite under trouble: the file held by others, a full disk, files that are none, statements that fail among others.

What holds in each: a call gets an error of the right kind; what was answered with success is in the file afterwards and
what was answered with an error is not; service resumes by itself; and a stop ends with status 0.
"""
import collections
import concurrent.futures
import contextlib
import itertools
import json
import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import traceback

from support import PATIENCE, Application, eventually, get, let_pass, post, trickle

#: What takes from root the right to pass over the permissions of files.
WITHOUT_POWERS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
UNAVAILABLE, INVALID, EXISTS = ("Unavailable", True), ("Invalid", False), ("AlreadyExists", False)
DENIED, INTERNAL = ("PermissionDenied", False), ("Internal", False)
BRIEF = "probe:db:busy_timeout=300ms"


def run(tally, arguments):
    """Runs every scenario, several at a time, since they mostly wait."""
    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda scenario: guarded(tally, scenario, arguments.seed), SCENARIOS))


def guarded(tally, scenario, seed):
    """Runs a scenario; what it raises is a failure, but for what cannot be had on this machine."""
    title = scenario.__name__.replace("_", " ")
    try:
        scenario(Titled(tally, title), random.Random(f"{title} {seed}"))
    except Unobtainable as reason:
        tally.skip(title, reason)
    except (Exception, SystemExit):
        tally.check(title, False, traceback.format_exc())


class Titled:
    """A tally whose checks carry the name of a scenario."""

    def __init__(self, tally, name):
        self.tally, self.name = tally, name

    def check(self, title, holds, detail=""):
        return self.tally.check(f"{self.name}: {title}", holds, detail)


class Unobtainable(Exception):
    """What a scenario needs and this machine does not give."""


# What the scenarios are made of.

class Outcome:
    """What a call of Probe's handlers came to: its value, or the kind of its error and whether it may be repeated."""

    def __init__(self, response):
        if response is None:
            raise EOFError("the connection was closed without an answer")
        self.status, self.closes, self.value = response.status, response.closes, json.loads(response.body)
        self.kind = None if self.status == 200 else (self.value.get("kind"), self.value.get("retryable"))

    def __repr__(self):
        return f"{self.status} {str(self.value)[:500]}"


def call(client, sql, *values, **more):
    """Runs one statement; with `reads` it gives rows, with `script` it is several."""
    step = {"sql": sql, "arguments": values, **more}
    return Outcome(client.exchange(post(json.dumps(step).encode(), "/statement")))


def insert(client, id, body="text"):
    return call(client, "INSERT INTO rows (id, body) VALUES (?, ?)", id, body)


def hold(client, *steps, name="holder"):
    """Holds a transaction over steps: statements with their values, and numbers of milliseconds to wait."""
    body = [{"wait": step} if isinstance(step, int) else {"sql": step[0], "arguments": step[1:]} for step in steps]
    return Outcome(client.exchange(post(json.dumps(body).encode(), f"/transaction?name={name}")))


class Probe(Application):
    """The test application with its database in a file."""

    def __init__(self, *overrides, file=None, **more):
        folder = tempfile.mkdtemp(prefix="wippy-edge-")
        self.file = file or os.path.join(folder, "rows.db")
        super().__init__("WippyProbe", [f"probe:db:file={self.file}", *overrides], folder=folder, **more)
        self.is_folder_own = True

    def call(self, sql, *values, **more):
        """Runs one statement over a connection of its own."""
        with self.connect(60) as client:
            return call(client, sql, *values, **more)

    def make_table(self):
        made = self.call("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")
        assert made.kind is None, made

    def counted(self, name):
        """How often a handler has counted something."""
        with self.connect() as client:
            return json.loads(client.exchange(get("/counts")).body).get(name, 0)

    @contextlib.contextmanager
    def holding(self, *steps, name="holder"):
        """Runs the block while a transaction of the application's own has its writer; gives its coming outcome."""
        begun = self.counted(f"{name}.begun")
        with concurrent.futures.ThreadPoolExecutor(1) as thread, self.connect(60) as client:
            outcome = thread.submit(hold, client, *steps, name=name)
            eventually("the transaction has begun", lambda: self.counted(f"{name}.begun") > begun)
            yield outcome
            outcome.result()


class Writers:
    """Clients that insert rows, each one after another, and remember what they were told of each."""

    def __init__(self, probe, count=8, body="a row of some length " * 5, first=1):
        self.probe, self.body = probe, body
        self.ids, self.lock = itertools.count(first), threading.Lock()
        self.written, self.refused, self.unanswered = set(), set(), set()
        self.kinds = collections.Counter()
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.write) for _ in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()

    def join(self):
        for thread in self.threads:
            thread.join()

    def write(self):
        """Inserts until it is over, or the connection is."""
        with self.probe.connect(60) as client:
            while not self.is_over.is_set():
                with self.lock:
                    id = next(self.ids)
                try:
                    outcome = insert(client, id, self.body)
                except (OSError, EOFError, ValueError):
                    with self.lock:
                        self.unanswered.add(id)
                    return
                with self.lock:
                    (self.refused if outcome.kind else self.written).add(id)
                    self.kinds[outcome.kind] += 1
                if outcome.closes:
                    return
                trickle(0.02 if outcome.kind else 0.002)

    def write_more(self, count=50):
        """Waits until so many more are written."""
        goal = len(self.written) + count
        eventually("rows are written", lambda: len(self.written) >= goal)

    def be_refused(self, count=24):
        """Waits until so many more are refused."""
        goal = len(self.refused) + count
        eventually("rows are refused", lambda: len(self.refused) >= goal)


def finish(tally, probe, writers, kinds=frozenset({UNAVAILABLE}), file=None):
    """The ending of most scenarios: the stop, what the writers were told, and what is in the file."""
    check_stop(tally, probe)
    check_answers(tally, writers, kinds)
    check_file(tally, file or probe.file, writers)


def check_stop(tally, application, seconds=40, is_asked=False):
    """Asks the application to stop, unless it was asked before, and waits for its end."""
    begin = time.monotonic()
    try:
        status = application.process.wait(seconds * PATIENCE) if is_asked else application.stop(seconds)
    except subprocess.TimeoutExpired:
        status = None
    tally.check("the application stops with status 0", status == 0,
                f"{status} after {time.monotonic() - begin:.1f} s\n{application.text()[-3000:]}")


def check_answers(tally, writers, kinds=frozenset({UNAVAILABLE}), at_stop=False):
    """What the writers were told; a stop may end a connection before a request is read, which then changes nothing."""
    if at_stop:
        writers.refused |= writers.unanswered
    else:
        tally.check("every request is answered", not writers.unanswered, f"{len(writers.unanswered)} were not")
    tally.check(f"errors are of the kinds {sorted(kinds)}", set(writers.kinds) - {None} <= kinds, writers.kinds)


def check_file(tally, file, writers):
    """What was written is there, what was refused is not, and the file is sound."""
    ids = set(read(tally, file, "SELECT id FROM rows"))
    lost, kept = writers.written - ids, writers.refused & ids
    tally.check("nothing is lost that was answered with success", not lost, f"{len(lost)} of {len(writers.written)}")
    tally.check("nothing is kept that was answered with an error", not kept, f"{len(kept)} of {len(writers.refused)}")
    tally.check("nothing else is in the file", ids <= writers.written | writers.unanswered | writers.refused)


def read(tally, file, query):
    """The first column of a query in another process's eyes; the file must be sound."""
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchall()
        tally.check("the file is sound", sound == [("ok",)], sound[:5])
        return [row[0] for row in connection.execute(query)]


@contextlib.contextmanager
def held(file, how="IMMEDIATE"):
    """Runs the block while this process holds the file, as another application would."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None, timeout=30 * PATIENCE)) as connection:
        connection.execute(f"BEGIN {how}")
        yield connection
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def small_disk(megabytes):
    """A folder on a disk of so many megabytes."""
    folder = tempfile.mkdtemp(prefix="wippy-edge-disk-")
    try:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode:
            raise Unobtainable(f"no disk can be mounted: {mounted.stderr.strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=False)
    finally:
        os.rmdir(folder)


def fill(folder, leaving=0):
    """Takes all the room of a disk but so many bytes; gives the file to remove."""
    path = os.path.join(folder, "filler")
    with open(path, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 4096)
        file.truncate(max(os.path.getsize(path) - leaving, 0))
    return path


# The file is held by another process.

def held_for_a_while(tally, chance):
    """Writes wait for the other process and are done."""
    with Probe() as probe:
        probe.make_table()
        with Writers(probe) as writers:
            for how in ("IMMEDIATE", "EXCLUSIVE"):
                writers.write_more()
                with held(probe.file, how):
                    let_pass(0.3)
                    written = len(writers.written)
                    let_pass(0.3)
                    tally.check(f"nothing is written beside {how}", len(writers.written) == written)
            writers.write_more()
        finish(tally, probe, writers, kinds=set())


def held_for_long(tally, chance):
    """Writes are unavailable after the busy timeout, reads go on, and both when it is over."""
    with Probe(BRIEF) as probe:
        probe.make_table()
        with Writers(probe) as writers:
            for how in ("IMMEDIATE", "EXCLUSIVE"):
                writers.write_more()
                with held(probe.file, how), probe.connect(60) as client:
                    writers.be_refused()
                    found = call(client, "SELECT count(*) AS count FROM rows", reads=True)
                    tally.check("reads go on", found.kind is None, found)
                    for name, action in {
                        "a statement": lambda: insert(client, -1),
                        "a transaction": lambda: hold(client, ("INSERT INTO rows (id) VALUES (-2)",)),
                        "a script": lambda: call(client, "INSERT INTO rows (id) VALUES (-3); SELECT 1", script=True),
                        "a change of the schema": lambda: call(client, "CREATE TABLE other (id)"),
                        "a change that gives rows": lambda: call(
                            client, "INSERT INTO rows (id) VALUES (-4) RETURNING id", reads=True),
                    }.items():
                        begin = time.monotonic()
                        outcome = action()
                        elapsed = time.monotonic() - begin
                        tally.check(f"{name} is unavailable", outcome.kind == UNAVAILABLE, outcome)
                        tally.check(f"{name} waits for the busy timeout", 0.25 < elapsed < 5 * PATIENCE, elapsed)
            writers.write_more()
        finish(tally, probe, writers)


def two_applications(tally, chance):
    """Two applications write one file at the same time, and wait for each other."""
    with Probe() as one, Probe(file=one.file) as other:
        one.make_table()
        with Writers(one, count=4) as writers, Writers(other, count=4, first=1_000_000) as others:
            writers.write_more(200)
            others.write_more(200)
        check_stop(tally, one)
        writers.written |= others.written
        writers.refused |= others.refused
        writers.kinds += others.kinds
        finish(tally, other, writers, kinds=set())


def held_at_the_start(tally, chance):
    """The application waits for a file that another process holds, and starts by itself."""
    for how, timeout in (("EXCLUSIVE", "100ms"), ("IMMEDIATE", "100ms"), ("EXCLUSIVE", "20s")):
        with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder, contextlib.ExitStack() as stack:
            file = os.path.join(folder, "rows.db")
            make_file(file)
            stack.enter_context(held(file, how))
            with Probe(f"probe:db:busy_timeout={timeout}", "probe:db:lifecycle.start_timeout=60s",
                       "probe:db:lifecycle.restart.initial_delay=50ms", file=file, wait=False) as probe:
                if timeout == "100ms":
                    eventually("two attempts", lambda: probe.text().count("will start again") >= 2)
                else:
                    let_pass(0.5)
                is_waiting = probe.process.poll() is None and not probe.listening()
                tally.check("it waits, and serves nothing", is_waiting, probe.text())
                stack.close()
                probe.wait_until_listening()
                outcome = probe.call("INSERT INTO rows (id) VALUES (1)")
                tally.check("it serves", outcome.kind is None, outcome)
                check_stop(tally, probe)


def stop_while_held_at_the_start(tally, chance):
    """A stop comes through while the application waits for its file."""
    for timeout, state in (("100ms", "will start again"), ("60s", "starting")):
        with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
            file = os.path.join(folder, "rows.db")
            make_file(file)
            with held(file, "EXCLUSIVE"), Probe(f"probe:db:busy_timeout={timeout}", file=file, wait=False) as probe:
                eventually("it tries", lambda: state in probe.text())
                check_stop(tally, probe, seconds=5)


def stop_while_held(tally, chance):
    """A stop with statements that wait for another process: each is answered."""
    with Probe("probe:db:busy_timeout=1s") as probe:
        probe.make_table()
        with Writers(probe) as writers:
            writers.write_more()
            with held(probe.file):
                writers.be_refused()
                probe.signal()
                writers.join()
                check_stop(tally, probe, seconds=20, is_asked=True)
        check_answers(tally, writers, at_stop=True)
        check_file(tally, probe.file, writers)


def make_file(file):
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", [(-id, "x" * 100) for id in range(1, 500)])


# The disk is full.

def full_disk(tally, chance):
    """Writes are unavailable while the disk is full, reads go on, and both when there is room."""
    with small_disk(4) as disk, Probe(file=os.path.join(disk, "rows.db")) as probe:
        probe.make_table()
        with Writers(probe) as writers, probe.connect(60) as client:
            for _ in range(2):
                writers.write_more()
                filler = fill(disk)
                writers.be_refused()
                found = call(client, "SELECT count(*) AS count FROM rows", reads=True)
                tally.check("reads go on", found.kind is None, found)
                for name, outcome in {
                    "a large row": insert(client, -1, "x" * 1_000_000),
                    "a transaction": hold(client, ("INSERT INTO rows VALUES (-2, ?)", "x" * 1_000_000)),
                    "a script": call(client, "INSERT INTO rows VALUES (-3, hex(zeroblob(1000000)))", script=True),
                }.items():
                    tally.check(f"{name} is unavailable", outcome.kind == UNAVAILABLE, outcome)
                os.unlink(filler)
                writers.write_more()
        finish(tally, probe, writers)


def tiny_disk(tally, chance):
    """The log leaves room for the database: a disk of 1 MB takes many times as much as is written into the log."""
    with small_disk(1) as disk, Probe(file=os.path.join(disk, "rows.db")) as probe:
        probe.make_table()
        with Writers(probe, count=2, body="short") as writers:
            writers.write_more(1000)
        finish(tally, probe, writers, kinds=set())


def file_too_long(tally, chance):
    """What a full disk is, where none can be mounted: files may not become longer than they are."""
    with Probe() as probe:
        probe.make_table()
        with Writers(probe) as writers:
            for _ in range(2):
                writers.write_more()
                _, most = resource.prlimit(probe.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(probe.pid, resource.RLIMIT_FSIZE, (os.path.getsize(probe.file + "-wal"), most))
                writers.be_refused()
                resource.prlimit(probe.pid, resource.RLIMIT_FSIZE, (most, most))
                writers.write_more()
        finish(tally, probe, writers)


def full_disk_for_one(tally, chance):
    """Of statements that are done together only those fail for which there is no room."""
    with small_disk(2) as disk, Probe(file=os.path.join(disk, "rows.db")) as probe:
        probe.make_table()
        for turn in range(3):
            statements = [
                ("INSERT INTO rows VALUES (?, ?)", turn * 100 + number,
                 "x" * 3_000_000 if number % 8 == 3 else "small") for number in range(24)
            ]
            for statement, outcome in together(probe, statements, chance):
                kind = UNAVAILABLE if len(statement[2]) > 10 else None
                tally.check("the large fail and the small do not", outcome.kind == kind, outcome)
        check_stop(tally, probe)
        found = read(tally, probe.file, "SELECT id FROM rows")
        tally.check("all small ones are there", len(found) == 63 and all(id % 100 % 8 != 3 for id in found), found)


def full_disk_at_the_start(tally, chance):
    """The application waits for room, and starts by itself."""
    for is_new in (True, False):
        with small_disk(1) as disk:
            file = os.path.join(disk, "rows.db")
            if not is_new:
                make_file(file)
            filler = fill(disk)
            with Probe("probe:db:lifecycle.restart.initial_delay=50ms", file=file, wait=False) as probe:
                eventually("two attempts", lambda: probe.text().count("will start again") >= 2)
                tally.check("it waits", probe.process.poll() is None, probe.text())
                os.unlink(filler)
                probe.wait_until_listening()
                if is_new:
                    probe.make_table()
                outcome = probe.call("INSERT INTO rows (id) VALUES (1)")
                tally.check("it serves", outcome.kind is None, outcome)
                check_stop(tally, probe)


def stop_while_full(tally, chance):
    """A stop on a full disk; what was written before is there at the next start."""
    with small_disk(4) as disk, Probe(file=os.path.join(disk, "rows.db")) as probe:
        probe.make_table()
        with Writers(probe) as writers:
            writers.write_more(200)
            filler = fill(disk)
            writers.be_refused()
            probe.signal()
            writers.join()
            check_stop(tally, probe, is_asked=True)
        os.unlink(filler)
        check_answers(tally, writers, at_stop=True)
        with Probe(file=probe.file) as again:
            outcome = again.call("INSERT INTO rows (id) VALUES (-1)")
            tally.check("the next start serves", outcome.kind is None, outcome)
            check_stop(tally, again)
        writers.written.add(-1)
        check_file(tally, probe.file, writers)


# Files that are none, or may not be used.

def unusable_files(tally, chance):
    """A problem that stays ends the application with status 1 and one sentence that names the entry and the file."""
    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
        good = os.path.join(folder, "good.db")
        make_file(good)
        with open(good, "rb") as file:
            content = file.read()
        contents = {
            "a text": b"this is a text and no database\n" * 100,
            "zeros": b"\0" * 8192,
            "noise": chance.randbytes(8192),
            "a database without its first bytes": b"\0" * 16 + content[16:],
            "a database with a damaged header": content[:16] + b"\xff" * 84 + content[100:],
            "a database with a damaged first page": content[:100] + b"\xff" * 3996 + content[4096:],
            "a database that is cut off": content[:5000],
        }
        for name, bytes in contents.items():
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(bytes)
            check_refusal(tally, name, path)
            with open(path, "rb") as file:
                tally.check(f"{name} is left as it is", file.read() == bytes)
        check_refusal(tally, "a folder", folder)
        check_refusal(tally, "a folder with a slash", folder + "/")
        check_refusal(tally, "a file in the place of a folder", os.path.join(good, "rows.db"))
        check_refusal(tally, "a name that is too long", os.path.join(folder, "x" * 300))
        check_refusal(tally, "a folder that cannot be made", "/proc/nothing/rows.db")


def files_without_permission(tally, chance):
    """What may not be read or written is a problem that stays."""
    prefix = WITHOUT_POWERS if os.geteuid() == 0 else []
    if prefix:
        tried = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
        if tried.returncode:
            raise Unobtainable(f"root's powers cannot be given away: {tried.stderr.strip()}")
    for is_in_log_mode in (False, True):
        for name, mode, folder_mode in (
                ("a read-only file", 0o444, 0o755), ("a file in a read-only folder", 0o644, 0o555),
                ("a file that may not be read", 0o000, 0o755), ("a folder that may not be entered", 0o644, 0o000)):
            with tempfile.TemporaryDirectory(prefix="wippy-edge-") as outer:
                folder = os.path.join(outer, "folder")
                os.mkdir(folder)
                file = os.path.join(folder, "rows.db")
                make_file(file)
                if is_in_log_mode:
                    with contextlib.closing(sqlite3.connect(file)) as connection:
                        connection.execute("PRAGMA journal_mode = WAL")
                os.chmod(file, mode)
                os.chmod(folder, folder_mode)
                check_refusal(tally, name, file, prefix=prefix, is_found_early=True)
                os.chmod(folder, 0o755)
    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
        os.chmod(folder, 0o555)
        for name, path in (("a new file in a read-only folder", "rows.db"), ("a new folder in a read-only one", "new/rows.db")):
            check_refusal(tally, name, os.path.join(folder, path), prefix=prefix, is_found_early=True)
        os.chmod(folder, 0o755)


def read_only_disk(tally, chance):
    """A disk that may only be read is a problem that stays."""
    with small_disk(1) as disk:
        file = os.path.join(disk, "rows.db")
        make_file(file)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        check_refusal(tally, "a file on a read-only disk", file)
        check_refusal(tally, "a new file on a read-only disk", os.path.join(disk, "new.db"))


def check_refusal(tally, name, file, prefix=(), is_found_early=False):
    """The application ends by itself with status 1, and its last line names the entry and the file; lint finds it, too, if `is_found_early`."""
    with Probe(file=file, prefix=prefix, wait=False) as probe:
        try:
            status = probe.process.wait(20 * PATIENCE)
        except subprocess.TimeoutExpired:
            status = None
        lines = [line for line in probe.text().splitlines() if line.startswith("Error: ") or ": error: " in line]
        tally.check(f"{name} ends the application with status 1", status == 1, f"{status}\n{probe.text()}")
        tally.check(f"{name} is named in one sentence",
                    len(lines) == 1 and "probe:db" in lines[0] and file in lines[0], probe.text())
        if is_found_early:
            tally.check(f"{name} is an error of the check", any(": error: " in line for line in lines), probe.text())
        tally.check(f"nothing is served with {name}", not probe.listening(), probe.text())


def removed_file(tally, chance):
    """A file that is gone is not written to, where nobody would find it, until it is back."""
    with Probe() as probe:
        probe.make_table()
        with Writers(probe) as writers, probe.connect(60) as client:
            for _ in range(2):
                writers.write_more()
                os.rename(probe.file, probe.file + ".away")
                writers.be_refused()
                outcome = hold(client, ("INSERT INTO rows (id) VALUES (-1)",))
                tally.check("a transaction is unavailable", outcome.kind == UNAVAILABLE, outcome)
                os.rename(probe.file + ".away", probe.file)
                writers.write_more()
        finish(tally, probe, writers)


def replaced_file(tally, chance):
    """Another database in the file's place is not touched; what was written is in the one that was moved."""
    with Probe() as probe, tempfile.TemporaryDirectory(prefix="wippy-edge-") as away:
        probe.make_table()
        with Writers(probe) as writers:
            writers.write_more()
            # The log may not be left beside another file, so it is moved first, and with it what would go into it.
            for ending in ("", "-wal", "-shm"):
                os.rename(probe.file + ending, os.path.join(away, "rows.db" + ending))
            make_file(probe.file)
            with contextlib.closing(sqlite3.connect(probe.file, isolation_level=None)) as other:
                other.execute("PRAGMA journal_mode = WAL")
                other.execute("INSERT INTO rows VALUES (-1000, 'in the log of the other')")
                writers.be_refused(60)
                writers.is_over.set()
                writers.join()
                check_stop(tally, probe)
                found = other.execute("SELECT count(*), min(id) FROM rows").fetchall()
                tally.check("the other database is as it was", found == [(500, -1000)], found)
        check_answers(tally, writers)
        check_file(tally, os.path.join(away, "rows.db"), writers)


def deleted_file(tally, chance):
    """A file that is deleted for good: calls are unavailable, and a stop still ends well."""
    with Probe() as probe:
        probe.make_table()
        with Writers(probe) as writers:
            writers.write_more()
            for ending in ("", "-wal", "-shm"):
                os.unlink(probe.file + ending)
            writers.be_refused()
            goal = len(writers.written)
            writers.be_refused()
            tally.check("nothing is written where nobody finds it", len(writers.written) == goal)
            probe.signal()
            writers.join()
            check_stop(tally, probe, is_asked=True)
        check_answers(tally, writers, at_stop=True)
        tally.check("no file is made by the stop", not os.path.exists(probe.file))


def damaged_file(tally, chance):
    """A file that is damaged while it is open is an error of its own kind, and the application lives."""
    with Probe("probe:db:options.cache_size=1") as probe:
        probe.make_table()
        probe.call("INSERT INTO rows WITH n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i < 2000)"
                   " SELECT i, hex(zeroblob(500)) FROM n")
        outcome = probe.call("PRAGMA wal_checkpoint(TRUNCATE)", reads=True)
        tally.check("the log is in the file", outcome.kind is None, outcome)
        size = os.path.getsize(probe.file)
        with open(probe.file, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        for sql, reads in (("SELECT sum(length(body)) AS sum FROM rows", True), ("UPDATE rows SET body = 'x'", False),
                           ("INSERT INTO rows VALUES (-1, 'x')", False)):
            outcome = probe.call(sql, reads=reads)
            tally.check(f"{sql} is an error of the file", outcome.kind == INTERNAL, outcome)
        with probe.connect() as client:
            tally.check("others are served", client.exchange(get("/small")).status == 200)
        check_stop(tally, probe)


# Statements that fail among others.

SCHEMA = """
    CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT);
    CREATE TABLE strict (id INTEGER PRIMARY KEY, number INTEGER CHECK (number > 0), name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE parent (id INTEGER PRIMARY KEY);
    CREATE TABLE child (parent INTEGER REFERENCES parent (id));
    CREATE TABLE later (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE rolling (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK);
    INSERT INTO rows VALUES (0, 'zero');
    INSERT INTO strict VALUES (1, 1, 'one');
    INSERT INTO rolling VALUES (1);
    CREATE TRIGGER rollback BEFORE INSERT ON rows WHEN new.body = 'rollback' BEGIN SELECT RAISE(ROLLBACK, 'no'); END;
    CREATE TRIGGER abort BEFORE INSERT ON rows WHEN new.body = 'abort' BEGIN SELECT RAISE(ABORT, 'no'); END;
    CREATE TRIGGER fail BEFORE INSERT ON rows WHEN new.body = 'fail' BEGIN SELECT RAISE(FAIL, 'no'); END;
"""

#: Statements that fail, and as what; none of them may change anything.
FAILING = [
    (("INSERT INTO rows VALUES (0, 'again')",), EXISTS),
    (("INSERT OR ROLLBACK INTO rows VALUES (0, 'again')",), EXISTS),
    (("INSERT INTO rolling VALUES (1)",), EXISTS),
    (("UPDATE rows SET id = 0 WHERE id = (SELECT max(id) FROM rows WHERE id > 0)",), EXISTS),
    (("INSERT INTO strict VALUES (2, 1, 'one')",), EXISTS),
    (("INSERT INTO strict VALUES (2, 0, 'two')",), INVALID),
    (("INSERT INTO strict VALUES (2, 1, NULL)",), INVALID),
    (("INSERT INTO strict VALUES (2, 'text', 'two')",), INVALID),
    (("INSERT INTO rows VALUES (?, 'no number')", "text"), INVALID),
    (("INSERT INTO child VALUES (7)",), INVALID),
    (("INSERT INTO later VALUES (7)",), INVALID),
    (("INSERT INTO rows VALUES (-1, 'rollback')",), INVALID),
    (("INSERT INTO rows VALUES (-1, 'abort')",), INVALID),
    (("INSERT INTO rows VALUES (-1, 'fail')",), INVALID),
    (("INSERT INTO rows VALUES (-1, 'text'), (-2, 'rollback')",), INVALID),
    (("INSERT INTO rows VALUES (-1, 'text'), (0, 'again')",), EXISTS),
    (("INSERT INTO rows VALUES (-1, abs(-9223372036854775808))",), INVALID),
    (("INSERT INTO rows VALUES (-1",), INVALID),
    (("INSRT INTO rows VALUES (-1, '')",), INVALID),
    (("INSERT INTO nothing VALUES (-1)",), INVALID),
    (("INSERT INTO rows (nothing) VALUES (-1)",), INVALID),
    (("INSERT INTO rows VALUES (?, ?)", -1), INVALID),
    (("INSERT INTO rows VALUES (-1, '')", 7), INVALID),
    (("INSERT INTO rows VALUES (-1, ?)", [1]), INVALID),
    (("INSERT INTO rows VALUES (-1, ''); INSERT INTO rows VALUES (-2, '')",), INVALID),
    (("INSERT INTO rows VALUES (-1, '')\0",), INVALID),
    (("",), INVALID),
    (("-- nothing",), INVALID),
    (("BEGIN",), INVALID),
    (("COMMIT",), INVALID),
    (("ROLLBACK",), INVALID),
    (("SAVEPOINT a",), INVALID),
    (("ATTACH ':memory:' AS other",), DENIED),
    (("PRAGMA journal_mode = DELETE",), DENIED),
    (("PRAGMA foreign_keys = OFF",), DENIED),
    (("CREATE TABLE rows (id)",), INVALID),
    (("DROP TABLE nothing",), INVALID),
]
#: What fails by itself, and is allowed in a transaction.
FAILING_ALONE = [(("CREATE TEMP TABLE other (id)",), DENIED)]


def failing_among_others(tally, chance):
    """A statement that fails among others that are done with it is alone in that, whatever it takes with it."""
    with Probe("probe:db:options.foreign_keys=true") as probe:
        made = probe.call(SCHEMA, script=True)
        tally.check("the schema is there", made.kind is None, made)
        expected = {0}
        for turn in range(3):
            good = [("INSERT INTO rows VALUES (?, 'text')", 1000 * turn + number) for number in range(1, 61)]
            kinds = {id(statement): kind for statement, kind in FAILING + FAILING_ALONE}
            bad = [statement for statement, _ in FAILING + FAILING_ALONE]
            for statement, outcome in together(probe, good + bad, chance):
                kind = kinds.get(id(statement))
                tally.check(f"{statement[0]!r} is {kind or 'done'}", outcome.kind == kind, outcome)
            expected |= {values[0] for _, *values in good}
        for table, count in (("strict", 1), ("child", 0), ("later", 0), ("rolling", 1)):
            found = probe.call(f"SELECT count(*) AS count FROM {table}", reads=True)
            tally.check(f"nothing of theirs is in {table}", found.value == [{"count": count}], found)
        check_stop(tally, probe)
        found = read(tally, probe.file, "SELECT id FROM rows")
        wrong = sorted(set(found) ^ expected)
        tally.check("the others' rows are there, and no more", not wrong, wrong[:20])


def together(probe, statements, chance):
    """Sends statements over a connection each, in any order, while a transaction lets none of them begin."""
    statements = chance.sample(statements, len(statements))
    with contextlib.ExitStack() as stack, probe.holding(400):
        clients = [stack.enter_context(probe.connect(60)) for _ in statements]
        for client, (sql, *values) in zip(clients, statements):
            client.send(post(json.dumps({"sql": sql, "arguments": values}).encode(), "/statement"))
        return [(statement, Outcome(client.response())) for client, statement in zip(clients, statements)]


def statements_leave_nothing(tally, chance):
    """After a script that fails the options hold; a temporary table is a transaction's; a row id is a statement's own.

    In a file whose name would mean something else if it were a URI.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wippy-edge-"))
        file = os.path.join(folder, "a?mode=memory#b%20.db")
        probe = stack.enter_context(Probe("probe:db:options.foreign_keys=true", file=file))
        made = probe.call(SCHEMA, script=True)
        tally.check("the schema is there", made.kind is None, made)
        tally.check("the file has the name that is written", os.path.exists(file))
        for tail in ("nonsense", "BEGIN; INSERT INTO nothing VALUES (1); COMMIT", "BEGIN; SELECT 1"):
            failed = probe.call(f"PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; {tail}", script=True)
            tally.check(f"a script with {tail!r} fails", failed.kind == INVALID, failed)
            for name, value in ("foreign_keys", 1), ("legacy_alter_table", 0):
                found = probe.call(f"PRAGMA {name}", reads=True)
                tally.check(f"{name} holds after {tail!r}", found.value == [{name: value}], found)
        for sql in "PRAGMA case_sensitive_like = ON", "PRAGMA cache_size = -1", "CREATE TEMP TABLE t (id)":
            for reads in False, True:
                outcome = probe.call(sql, reads=reads)
                tally.check(f"{sql!r} is denied", outcome.kind == DENIED, outcome)
        with probe.connect(60) as client:
            for turn in range(2):
                outcome = hold(client, ("CREATE TEMP TABLE t AS SELECT 7 AS id",), ("INSERT INTO t VALUES (8)",))
                tally.check("a transaction may have a temporary table", outcome.kind is None, outcome)
                outcome = call(client, "SELECT id FROM t", reads=True)
                tally.check("and it is gone after it", outcome.kind == INVALID, outcome)
        for sql, id in (
                ("INSERT INTO rows VALUES (70, 'text')", 70),
                ("INSERT INTO rows VALUES (70, 'text') ON CONFLICT DO UPDATE SET body = 'other'", 0),
                ("INSERT OR IGNORE INTO rows VALUES (70, 'text')", 0), ("PRAGMA foreign_keys = ON", 0)):
            outcome = probe.call(sql)
            tally.check(f"{sql!r} gives {id}", outcome.kind is None and outcome.value["id"] == id, outcome)
        check_stop(tally, probe)


def result_too_large(tally, chance):
    """A change whose rows are too many to be given is an error, and so no change."""
    with Probe() as probe:
        probe.make_table()
        outcome = probe.call(
            "INSERT INTO rows WITH n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i < 80)"
            " SELECT i, hex(zeroblob(500000)) FROM n RETURNING body", reads=True)
        tally.check("its answer is an error", outcome.kind == INVALID, outcome)
        found = probe.call("SELECT count(*) AS count FROM rows", reads=True)
        tally.check("nothing of it is kept", found.value == [{"count": 0}], found)
        outcome = probe.call("INSERT INTO rows VALUES (1, 'text')")
        tally.check("others are done", outcome.kind is None, outcome)
        check_stop(tally, probe)


# Transactions that a handler holds.

def transaction_held_long(tally, chance):
    """Others are unavailable while a transaction takes longer than the busy timeout, and served after it."""
    with Probe(BRIEF) as probe:
        probe.make_table()
        with Writers(probe) as writers, probe.connect(60) as client:
            with probe.holding(("INSERT INTO rows VALUES (-1, 'held')",), 1500) as outcome:
                writers.be_refused(8)
                found = call(client, "SELECT count(*) AS count FROM rows WHERE id < 0", reads=True)
                tally.check("reads go on, and see nothing of it", found.value == [{"count": 0}], found)
            tally.check("the transaction is done", outcome.result().kind is None, outcome.result())
            writers.write_more()
        writers.written.add(-1)
        finish(tally, probe, writers)


def transaction_that_fails(tally, chance):
    """An error in a transaction undoes it whole, and nothing of others."""
    with Probe("probe:db:options.foreign_keys=true") as probe:
        probe.call(SCHEMA, script=True)
        with Writers(probe) as writers, probe.connect(60) as client:
            for statement, kind in FAILING:
                outcome = hold(client, ("INSERT INTO rows VALUES (-5, 'undone')",), statement)
                tally.check(f"a transaction with {statement[0]!r} is {kind}", outcome.kind == kind, outcome)
            writers.write_more()
        writers.written.add(0)
        finish(tally, probe, writers, kinds=set())


def transaction_left_idle(tally, chance):
    """A transaction without a call is rolled back after 30 s, its next call says so, and others are served again."""
    with Probe("probe:db:busy_timeout=1s") as probe:
        probe.make_table()
        with Writers(probe, count=2) as writers:
            begin = time.monotonic()
            with probe.holding(
                    ("INSERT INTO rows VALUES (-1, '')",), 30_500, ("INSERT INTO rows VALUES (-2, '')",)) as outcome:
                writers.be_refused(4)
                writers.write_more()
                elapsed = time.monotonic() - begin
            tally.check("others are served after 30 s", 29 < elapsed < 30 + 10 * PATIENCE, elapsed)
            tally.check("its next call says that it is gone", outcome.result().kind == UNAVAILABLE, outcome.result())
        writers.refused |= {-1, -2}
        finish(tally, probe, writers)


def stop_in_a_transaction(tally, chance):
    """A stop waits for a transaction that a request holds, and for what waits behind it."""
    with Probe() as probe:
        probe.make_table()
        with Writers(probe) as writers:
            writers.write_more()
            with probe.holding(
                    ("INSERT INTO rows VALUES (-1, '')",), 700, ("INSERT INTO rows VALUES (-2, '')",)) as outcome:
                probe.signal()
                writers.join()
            tally.check("the transaction is done", outcome.result().kind is None, outcome.result())
        check_stop(tally, probe, is_asked=True)
        writers.written |= {-1, -2}
        check_answers(tally, writers, kinds=set(), at_stop=True)
        check_file(tally, probe.file, writers)


# Clients and applications that end.

def vanishing_clients(tally, chance):
    """A statement that waits is withdrawn when its client goes away; its neighbours are done."""
    with Probe("probe:db:busy_timeout=60s") as probe:
        probe.make_table()
        with held(probe.file):
            neighbours = [probe.connect(60) for _ in range(20)]
            gone = [probe.connect(60) for _ in range(20)]
            for id, client in enumerate(neighbours[:10] + gone + neighbours[10:]):
                name = "gone" if client in gone else "neighbour"
                step = {"sql": "INSERT INTO rows (id) VALUES (?)", "arguments": [id]}
                client.send(post(json.dumps(step).encode(), f"/statement?name={name}"))
                if id == 0:
                    # The first one is what the writer waits with; the others wait behind it.
                    eventually("the first is read", lambda: probe.counted("neighbour.begun") == 1)
            eventually("all are read", lambda: probe.counted("gone.begun") + probe.counted("neighbour.begun") == 40)
            for client in gone:
                client.close()
            eventually("all are cancelled", lambda: probe.counted("gone.cancelled") == 20)
        for client in neighbours:
            outcome = Outcome(client.response())
            tally.check("a neighbour is done", outcome.kind is None, outcome)
            client.close()
        check_stop(tally, probe)
        found = read(tally, probe.file, "SELECT id FROM rows ORDER BY id")
        tally.check("nothing else is", found == [*range(10), *range(30, 40)], found)


def killed(tally, chance):
    """What was answered with success survives the end of the process, and the next start takes it up."""
    with Probe() as probe:
        probe.make_table()
        with Writers(probe) as writers:
            writers.write_more(300)
            probe.signal(signal.SIGKILL)
            writers.join()
            probe.process.wait()
        with Probe(file=probe.file) as again:
            found = {row["id"] for row in again.call("SELECT id FROM rows", reads=True).value}
            tally.check("the next start has what was written", writers.written <= found)
            check_stop(tally, again)
        check_file(tally, probe.file, writers)


# Tasks: what is accepted is stored, later if need be.

class Tasks(Application):
    """The Task Queue with a delay of nothing, brief waits, and the tasks that it has accepted."""

    def __init__(self, *overrides, settings=(), **more):
        super().__init__("task-queue", [
            "app:process_task:config.delay=0s", "app:db:busy_timeout=200ms", "app:tasks_queue:retry.max_delay=300ms",
            "app:migrate-service:lifecycle.restart.initial_delay=50ms", *overrides], settings=settings, **more)
        self.accepted = set()

    def accept(self, tally, count):
        with self.connect(60) as client:
            for _ in range(count):
                response = client.exchange(post(b'{"action":"sum","data":{"numbers":[1,2]}}'))
                if tally.check("a task is accepted", response.status == 202, f"{response.status} {response.body}"):
                    self.accepted.add(json.loads(response.body)["id"])

    def stored(self, file=None):
        with contextlib.closing(sqlite3.connect(file or self.database, timeout=30)) as connection:
            return [row[0] for row in connection.execute("SELECT id FROM tasks")]

    def finish(self, tally):
        eventually("every task is stored", lambda: len(self.stored()) >= len(self.accepted), seconds=60)
        check_stop(tally, self)
        found = read(tally, self.database, "SELECT id FROM tasks")
        tally.check("every accepted task is stored once", sorted(found) == sorted(self.accepted), f"{len(found)}")
        tally.check("none is given up", "left in memory" not in self.text(), self.text()[-1000:])

    def left(self):
        """How many messages the warning at the stop counts."""
        found = re.search(r"left in memory.*?count=(\d+)", self.text())
        return int(found[1]) if found else 0


def tasks_while_held(tally, chance):
    """Tasks that come while another process holds the file are stored later."""
    with Tasks() as tasks:
        tasks.accept(tally, 20)
        with held(tasks.database, "EXCLUSIVE"):
            tasks.accept(tally, 200)
            # Each after a whole busy timeout.
            eventually("several attempts fail", lambda: tasks.text().count("a message handler failed") >= 8)
        tasks.accept(tally, 20)
        tasks.finish(tally)


def tasks_while_full(tally, chance):
    """Tasks that come while the disk is full are stored when there is room."""
    with small_disk(2) as disk, Tasks(database=os.path.join(disk, "tasks.db")) as tasks:
        tasks.accept(tally, 20)
        eventually("they are stored", lambda: len(tasks.stored()) == 20)
        filler = fill(disk)
        tasks.accept(tally, 200)
        eventually("a task is tried again and again", lambda: "attempt=3" in tasks.text())
        os.unlink(filler)
        tasks.accept(tally, 20)
        tasks.finish(tally)


def tasks_held_at_the_start(tally, chance):
    """The table is made when the file is free; only then the first request is let in."""
    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder, contextlib.ExitStack() as stack:
        file = os.path.join(folder, "tasks.db")
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        stack.enter_context(held(file))
        with Tasks(database=file, wait=False) as tasks:
            eventually("two attempts", lambda: tasks.text().count("will start again") >= 2)
            tally.check("nothing is served before", not tasks.listening(), tasks.text())
            stack.close()
            tasks.wait_until_listening()
            tasks.accept(tally, 5)
            tasks.finish(tally)


def tasks_at_a_stop_while_held(tally, chance):
    """A stop that cannot store everything ends in time and counts what is left."""
    with Tasks(settings=["shutdown.timeout=4s"]) as tasks:
        tasks.accept(tally, 20)
        eventually("they are stored", lambda: len(tasks.stored()) == 20)
        with held(tasks.database):
            tasks.accept(tally, 100)
            check_stop(tally, tasks, seconds=10)
        found = read(tally, tasks.database, "SELECT id FROM tasks")
        tally.check("every task is stored or counted", len(found) == 20 and tasks.left() == 100
                    and set(found) <= tasks.accepted, f"{len(found)} stored, {tasks.left()} counted")


def tasks_at_a_stop_while_held_for_a_while(tally, chance):
    """A stop stores everything if the file is free again in time."""
    with Tasks() as tasks:
        with held(tasks.database):
            tasks.accept(tally, 100)
            tasks.signal()
            let_pass(1)
        check_stop(tally, tasks, is_asked=True)
        found = read(tally, tasks.database, "SELECT id FROM tasks")
        tally.check("every task is stored", sorted(found) == sorted(tasks.accepted), f"{len(found)} are")


#: The longest first.
SCENARIOS = [
    transaction_left_idle, tasks_at_a_stop_while_held, stop_while_held_at_the_start, tasks_while_held,
    tasks_while_full, held_for_long, held_for_a_while, two_applications, full_disk, tiny_disk, file_too_long,
    removed_file, replaced_file, deleted_file, failing_among_others, statements_leave_nothing,
    full_disk_for_one, files_without_permission,
    unusable_files, transaction_held_long, stop_while_held, held_at_the_start, full_disk_at_the_start,
    stop_while_full, read_only_disk, damaged_file, result_too_large, transaction_that_fails, stop_in_a_transaction,
    vanishing_clients, killed, tasks_held_at_the_start, tasks_at_a_stop_while_held_for_a_while,
]
