"""The durable queue from outside: killed at random moments, two processes on one file, a full disk.

What holds in each: what was answered with 202 is handled, and what a dead process had in hand is taken at once.
"""
import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time

from databases import Unobtainable, fill, small_disk
from support import ROOT, Application, eventually, get, post

BODY = json.dumps({"action": "uppercase", "data": {"text": "x"}}).encode()
KILLS = 4


def run(tally, arguments):
    """Runs every scenario."""
    with durable_project() as project:
        killed(tally, project, random.Random(arguments.seed))
        two_processes(tally, project)
        try:
            full_disk(tally, project)
        except Unobtainable as reason:
            tally.skip("durable queue: a full disk", reason)


@contextlib.contextmanager
def durable_project():
    """The task queue's project with its driver changed: one entry."""
    folder = tempfile.mkdtemp(prefix="wippy-edge-durable-")
    try:
        os.makedirs(os.path.join(folder, "src"))
        with open(os.path.join(ROOT, "src", "_index.yaml"), encoding="utf-8") as file:
            text = file.read().replace("kind: queue.driver.memory", "kind: queue.driver.sql\n    database: app:db")
        with open(os.path.join(folder, "src", "_index.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def started(project, folder, delay="1ms", consumers=8):
    return Application("task-queue", project=project, folder=folder, overrides=[
        f"app:process_task:config.delay={delay}", f"app:task_consumer:concurrency={consumers}"])


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
                time.sleep(random.uniform(0.05, 0.5))
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
                time.sleep(1.5)
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


def claimed(file):
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM wippy_queue_messages WHERE state = 3").fetchone()[0]


def full_disk(tally, project):
    with small_disk(4) as disk:
        with started(project, disk, delay="1ms") as application:
            with application.connect() as client:
                first = client.exchange(post(BODY))
                filler = fill(disk)

                def refused():
                    response = client.exchange(post(BODY))
                    return response if response.status != 202 else None
                response = eventually("a full disk is noticed", refused)
                tally.check("durable queue: a full disk is 503 with Retry-After",
                            response.status == 503 and response.field("retry-after"), f"{response.status}")
                tally.check("durable queue: GET goes on with a full disk", client.exchange(get()).status == 200)
                os.remove(filler)
                resumed = eventually("it resumes", lambda: client.exchange(post(BODY)).status == 202)
                eventually("everything is handled", lambda: left(application.database) == 0, 60)
                tally.check("durable queue: after a full disk it resumes by itself", first.status == 202 and resumed)
                lines = application.text().count("the database of the queues fails")
                tally.check("durable queue: the log says once that the database fails", lines <= 1, f"{lines} times")
