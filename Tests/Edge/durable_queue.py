"""The durable queue from outside: killed at random moments, two processes on one file, long queues, faults of the disk.

What holds in each: what was answered with 202 is handled, and what a dead process had in hand is taken at once.
"""
import contextlib
import errno
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

from databases import Unobtainable, fill, held, small_disk
from support import HERE, PATIENCE, ROOT, Application, binary, eventually, let_pass, meanwhile, post

BODY = json.dumps({"action": "uppercase", "data": {"text": "x"}}).encode()
KILLS = 4


def run(tally, arguments):
    """Runs every scenario."""
    project = os.path.join(ROOT, "examples", "durable")
    killed(tally, project, random.Random(arguments.seed))
    two_processes(tally, project)
    scheduled(tally, random.Random(arguments.seed))
    with durable_project() as copy:
        verified(tally, copy, arguments.seed)
    backlog(tally, project)
    claims_cost_the_same(tally, project)
    for scenario in FAULTS:
        try:
            scenario(tally, project)
        except Unobtainable as reason:
            tally.skip(f"durable queue: {scenario.__name__.replace('_', ' ')}", reason)


@contextlib.contextmanager
def durable_project():
    """A copy of the durable project, for what writes beside its sources."""
    with tempfile.TemporaryDirectory(prefix="wippy-edge-durable-") as folder:
        shutil.copytree(os.path.join(ROOT, "examples", "durable", "src"), os.path.join(folder, "src"))
        yield folder


def started(project, folder, delay="1ms", consumers=8, overrides=(), **more):
    return Application("task-queue", project=project, folder=folder, overrides=[
        f"app:process_task:config.delay={delay}", f"app:task_consumer:concurrency={consumers}", *overrides], **more)


class Publisher(threading.Thread):
    """Posts tasks one after the other until its application dies, and remembers what was accepted."""

    def __init__(self, application):
        super().__init__()
        self.application, self.accepted, self.others = application, [], []
        self.start()

    def run(self):
        with contextlib.suppress(OSError, EOFError, ValueError):
            with self.application.connect() as client:
                while True:
                    response = client.exchange(post(BODY))
                    if response is None:
                        return
                    if response.status == 202:
                        self.accepted.append(json.loads(response.body)["id"])
                    else:
                        self.others.append(response.status)


def handled(file):
    """The ids of the tasks that were handled."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return {row[0] for row in database.execute("SELECT id FROM tasks")}


def left(file):
    """How many messages are in the queues."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM wippy_queue_messages").fetchone()[0]


def killed(tally, project, random):
    folder = tempfile.mkdtemp(prefix="wippy-edge-")
    try:
        accepted, file = [], os.path.join(folder, "tasks.db")
        for _ in range(KILLS):
            with started(project, folder) as application:
                publishers = [Publisher(application) for _ in range(4)]
                meanwhile(random.uniform(0.05, 0.5))
                application.signal(signal.SIGKILL)
                for publisher in publishers:
                    publisher.join()
                    accepted += publisher.accepted
        with started(project, folder) as application:
            eventually("every message is handled", lambda: left(file) == 0)
            tally.check("durable queue: a stop after kills", application.stop() == 0, application.text()[-2000:])
        lost = set(accepted) - handled(file)
        tally.check("durable queue: killed, it loses nothing that was accepted", accepted and not lost,
                    f"{len(lost)} of {len(accepted)} are lost")
        with contextlib.closing(sqlite3.connect(file)) as database:
            (answer,) = database.execute("PRAGMA integrity_check").fetchone()
        tally.check("durable queue: killed, its file is sound", answer == "ok", answer)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def two_processes(tally, project):
    folder = tempfile.mkdtemp(prefix="wippy-edge-")
    try:
        file = os.path.join(folder, "tasks.db")
        # The one has every message in hand for long, the other works on.
        with started(project, folder, delay="60s", consumers=2) as first:
            with first.connect() as client:
                ids = [json.loads(client.exchange(post(BODY)).body)["id"] for _ in range(2)]
            eventually("the first has both in hand", lambda: claimed(file) == 2)
            with started(project, folder) as second:
                with second.connect() as client:
                    own = json.loads(client.exchange(post(BODY)).body)["id"]
                eventually("the second handles its own", lambda: own in handled(file))
                let_pass(1.5)
                tally.check("durable queue: what a live process has is not taken from it",
                            claimed(file) == 2 and not set(ids) & handled(file), f"{claimed(file)} are claimed")
                first.signal(signal.SIGKILL)
                begin = time.monotonic()
                eventually("the second handles what the dead one had", lambda: set(ids) <= handled(file))
                seconds = time.monotonic() - begin
                tally.check("durable queue: what a dead process had is taken within a second or so", seconds < 3,
                            f"it took {seconds:.1f} s")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


#: A schedule that fires each second, and a queue that keeps what it publishes.
SCHEDULE = """
  - {name: ticks, kind: queue.queue, driver: app:queue_driver}
  - name: tick
    kind: queue.schedule
    queue: app:ticks
    every: 1s
    missed: all
    lifecycle: {auto_start: true}
"""


def ticks(file):
    """The seconds for which the schedule has published a message, in order of the messages."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT headers FROM wippy_queue_messages WHERE queue = 'app:ticks' ORDER BY id")
        return [json.loads(row[0])["x_scheduled_at"] for row in rows]


def scheduled(tally, random):
    """Two processes with one schedule, of which now the one and now the other is killed; then none runs for a while."""
    with durable_project() as project:
        with open(os.path.join(project, "src", "_index.yaml"), "a", encoding="utf-8") as definitions:
            definitions.write(SCHEDULE)
        file = os.path.join(project, "tasks.db")
        with contextlib.ExitStack() as running:
            both = [running.enter_context(started(project, project)) for _ in range(2)]
            for kill in range(2 * KILLS):
                seen = len(ticks(file))
                eventually("the schedule goes on", lambda: len(ticks(file)) > seen)
                meanwhile(random.uniform(0, 1.2))
                both[kill % 2].signal(signal.SIGKILL)
                both[kill % 2].process.wait()
                both[kill % 2] = running.enter_context(started(project, project))
            text = both[0].text()
            tally.check("schedule: the start says when it fires next",
                        re.search(r"app:tick: +waits .*next=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), text)
            tally.check("schedule: both stop in order", [one.stop() for one in both] == [0, 0], both[1].text()[-2000:])
        last = ticks(file)[-1]
        eventually("seconds pass", lambda: time.time() > last + 4)
        with started(project, project) as application:
            eventually("the schedule goes on", lambda: ticks(file)[-1] > last + 4)
            application.stop()
        found = ticks(file)
        tally.check("schedule: killed, shared and stopped, it has one message for each second, in order",
                    found == list(range(found[0], found[-1] + 1)), found)


def verified(tally, project, seed):
    """The product's own proof, which a project whose queues are in memory cannot have."""
    def verify(folder, *words):
        return subprocess.run([binary("task-queue"), "verify", "crash", "--kills", "4", "--seed", str(seed), *words],
                              cwd=folder, capture_output=True, text=True, timeout=120)
    result = verify(project, "-o", "app:process_task:config.delay=1ms")
    row = dict(re.findall(r"^([a-z][a-z -]+?)  +(\S+)", result.stdout, re.M))
    tally.check("verify crash: nothing is lost", result.returncode == 0 and row.get("lost") == "0"
                and row.get("still there") == "0" and int(row.get("accepted", 0)) > 0 and row.get("integrity") == "ok",
                result.stdout + result.stderr)
    tally.check("verify crash: it leaves nothing behind, and no data of its own in the project",
                os.listdir(os.path.join(project, ".wippy", "verify")) == []
                and not os.path.exists(os.path.join(project, "data")), os.listdir(project))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(project, "src"), os.path.join(folder, "src"))
        path = os.path.join(folder, "src", "_index.yaml")
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"kind: queue.driver.sql\n *database: .*\n", "kind: queue.driver.memory\n", file.read())
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        result = verify(folder)
        tally.check("verify crash: queues in memory are refused",
                    result.returncode == 1 and "there is no queue to check" in result.stderr, result.stderr)


def claimed(file):
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM wippy_queue_messages WHERE state = 3").fetchone()[0]


# Long queues.

def fill_queue(project, folder, count):
    """Has a queue hold so many tasks, in the tables that the application has made."""
    with started(project, folder, overrides=IDLE) as application:
        application.stop()
    with contextlib.closing(sqlite3.connect(os.path.join(folder, "tasks.db"))) as database, database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute(
            """
            INSERT INTO wippy_queue_messages (queue, state, priority, attempt, deaths, owner, published, message_id, body)
            WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?)
            SELECT 'app:tasks_queue', 1, 0, 0, 0, 0, 1700000000000,
                printf('00000000-0000-4000-8000-%012d', number),
                printf('{"action":"uppercase","created_at":1700000000,"data":{"text":"a text of the usual length"},'
                    || '"id":"00000000-0000-4000-8000-%012d"}', number)
            FROM numbers
            """, (count,))


IDLE = ["app:task_consumer:lifecycle.auto_start=false"]


@contextlib.contextmanager
def folder_of_a_run():
    folder = tempfile.mkdtemp(prefix="wippy-edge-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def backlog(tally, project, count=100_000):
    """A queue of 100,000 messages is ready in two seconds after a kill, and all of it is handled."""
    with folder_of_a_run() as folder:
        file = os.path.join(folder, "tasks.db")
        fill_queue(project, folder, count)
        with started(project, folder, delay="0s", consumers=64, overrides=["app:task_consumer:prefetch=64"]) as first:
            eventually("some are handled", lambda: len(handled(file)) > 1000)
            first.signal(signal.SIGKILL)
            first.process.wait()
        begin = time.monotonic()
        with started(project, folder, delay="0s", consumers=64, overrides=["app:task_consumer:prefetch=64"]) as second:
            seconds = time.monotonic() - begin
            tally.check("durable queue: with 100,000 messages it is ready in two seconds", seconds < 2 * PATIENCE,
                        f"it took {seconds:.1f} s")
            eventually("every message is handled", lambda: left(file) == 0, 120)
            tally.check("durable queue: of 100,000 messages none is lost by a kill", len(handled(file)) == count)
            tally.check("durable queue: it stops after a long queue", second.stop() == 0, second.text()[-2000:])


def worked_off(project, folder, most, is_counted=False):
    """Has one worker claim messages one by one, so many or a few more; their number, the most memory in MB, and the log."""
    file = os.path.join(folder, "tasks.db")
    before = left(file)
    with started(project, folder, delay="0s", consumers=1, overrides=["app:task_consumer:prefetch=1"], wait=False,
                 is_counted=is_counted) as application:
        eventually("the messages are handled", lambda: before - left_at_most(file) >= most, 240)
        memory = application.memory("VmHWM") / 1e6
        if application.stop(120) is None:
            raise AssertionError(f"it did not stop:\n{application.text()[-2000:]}")
        return before - left(file), memory, application.text()


def left_at_most(file):
    """How many messages there are, where the first are taken first and nothing is added: in constant time."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        first, last = database.execute("SELECT (SELECT min(id) FROM wippy_queue_messages), "
                                       "(SELECT max(id) FROM wippy_queue_messages)").fetchone()
        return last - first + 1 if first else 0


def instructions_of_one(project, folder, few, many):
    """What a message costs one worker that claims them one by one: what `many` take more than `few` did.

    So the start, which counts the queue, is not in it.
    """
    counts = []
    for most in (few, many):
        done, _, text = worked_off(project, folder, most, is_counted=True)
        counts.append((done, int(re.search(r"I\s+refs:\s+([\d,]+)", text)[1].replace(",", ""))))
    return (counts[1][1] - counts[0][1]) / (counts[1][0] - counts[0][0])


def claims_cost_the_same(tally, project, few=300, many=2000):
    """A claim of a million messages costs what one of a hundred does, and the million takes no memory.

    Instructions are counted: what else the machine does has no part in them.
    """
    with folder_of_a_run() as short, folder_of_a_run() as long:
        fill_queue(project, short, few + many + 500)
        fill_queue(project, long, 1_000_000)
        _, memory, _ = worked_off(project, long, few)
        tally.check("durable queue: 1,000,000 messages take less than 150 MB", memory < 150 or PATIENCE > 1,
                    f"{memory:.0f} MB")
        title = "durable queue: a claim costs the same with 1,000,000 messages"
        if not shutil.which("valgrind"):
            return tally.skip(title, "valgrind is not installed")
        least, most = (instructions_of_one(project, folder, few, many) for folder in (short, long))
        tally.check(title, most < 1.2 * least,
                    f"{most:,.0f} instructions a message, and {least:,.0f} with a few")


# Faults of the file and its disk.

def fault(tally, project, name, application, begin, end):
    """While it lasts each publisher is refused, the log says so once, and others are served; then all goes on."""
    accepted = []

    def publish():
        response = client.exchange(post(BODY))
        if response.status == 202:
            accepted.append(json.loads(response.body)["id"])
        return response

    with application.connect() as client:
        tally.check(f"durable queue, {name}: a task is accepted before", publish().status == 202)
        eventually("it is handled", lambda: left(application.database) == 0)
        begin()
        refused = eventually(f"{name} is noticed", lambda: (response := publish()).status != 202 and response)
        answers = [refused, *(publish() for _ in range(3))]
        tally.check(f"durable queue, {name}: publishers get 503 with Retry-After",
                    all(answer.status == 503 and answer.field("retry-after") for answer in answers),
                    [answer.status for answer in answers])
        tally.check(f"durable queue, {name}: others are served", client.exchange(
            b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        end()
        tally.check(f"durable queue, {name}: it resumes by itself",
                    eventually("it resumes", lambda: publish().status == 202))
        eventually("everything is handled", lambda: left(application.database) == 0, 60)
        tally.check(f"durable queue, {name}: what was accepted is handled", set(accepted) <= handled(application.database))
        eventually("the log says that it works", lambda: "the database of the queues works again" in application.text())
        lines = application.text().count("the database of the queues fails")
        tally.check(f"durable queue, {name}: the log says once that the database fails", lines == 1, f"{lines} times")
        tally.check(f"durable queue, {name}: it stops", application.stop() == 0, application.text()[-2000:])


def full_disk(tally, project):
    with small_disk(4) as disk:
        with started(project, disk) as application:
            filler = os.path.join(disk, "filler")
            fault(tally, project, "full disk", application, lambda: fill(disk), lambda: os.remove(filler))


def failing_disk(tally, project):
    """Each write ends with an error: of the device, and of a file system that has become read-only."""
    if not shutil.which("cc"):
        raise Unobtainable("there is no C compiler")
    with folder_of_a_run() as folder:
        library, state = os.path.join(folder, "failing_disk.so"), os.path.join(folder, "failure")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "failing_disk.c"), "-ldl"],
                       check=True)
        for name, number in (("I/O error", errno.EIO), ("read-only file system", errno.EROFS)):
            def begin(number=number):
                with open(state, "w", encoding="ascii") as file:
                    file.write(str(number))
            with started(project, None, environment={"LD_PRELOAD": library, "DISK_FAILURE": state}) as application:
                fault(tally, project, name, application, begin, lambda: os.remove(state))


def locked_database(tally, project):
    """Another program holds the file for longer than 'busy_timeout'."""
    with started(project, None, overrides=["app:db:busy_timeout=100ms"]) as application:
        with contextlib.ExitStack() as stack:
            fault(tally, project, "locked database", application,
                  lambda: stack.enter_context(held(application.database)), stack.close)


def damaged_file(tally, project):
    """The file is damaged while it is open, and then as it was."""
    with started(project, None, overrides=["app:db:options.cache_size=1"]) as application:
        saved = []

        def begin():
            with contextlib.closing(sqlite3.connect(application.database)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            with open(application.database, "r+b") as file:
                saved.append(file.read())
                file.seek(4096)
                file.write(b"\xff" * (len(saved[0]) - 4096))

        def end():
            # What was written meanwhile ended with an error, or is in the log.
            with open(application.database, "r+b") as file:
                file.write(saved[0])
        fault(tally, project, "damaged file", application, begin, end)


FAULTS = [full_disk, failing_disk, locked_database, damaged_file]
