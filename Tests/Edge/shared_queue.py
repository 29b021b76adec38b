"""Two applications on one database file under load, of which one, the other or both are killed again and again.

What holds: what was answered with 202 is handled; nothing is handled more often than once and then once for each death
of a process that had it in hand; the file is sound.
"""
import collections
import contextlib
import json
import os
import random
import signal
import sqlite3

from durable_queue import Publisher, folder_of_a_run, started
from support import ROOT, eventually, meanwhile

PROJECT = os.path.join(ROOT, "examples", "durable")
#: Publishers at each of the two.
PUBLISHERS = 3
#: Finished messages stay in the table, with their attempts and deaths.
KEPT = ["app:tasks_queue:driver_options.sql.retention=240h"]
#: Notes each time that a handler has stored a task, also when it was there.
RUNS = """
    CREATE TABLE runs (task TEXT NOT NULL);
    CREATE TRIGGER run BEFORE INSERT ON tasks BEGIN INSERT INTO runs VALUES (new.id); END;
"""


def run(tally, arguments):
    """Kills `arguments.kills` processes, and closes the books."""
    choices = random.Random(arguments.seed)
    with folder_of_a_run() as folder:
        file = os.path.join(folder, "tasks.db")
        with started(PROJECT, folder) as application:
            application.stop()
        with opened(file) as database:
            database.executescript(RUNS)
        accepted, refused = under_load(folder, choices, arguments.kills)
        with served(folder) as one, served(folder) as other:
            eventually("every message is handled", lambda: waiting(file) == 0, 120)
            stops = [one.stop(), other.stop()]
            tally.check("shared queue: both stop", stops == [0, 0], f"{stops}\n{one.text()[-1500:]}{other.text()[-1500:]}")
        books = Books(file)
        title = f"shared queue, {arguments.kills} kills, seed {arguments.seed}"
        tally.check(f"{title}: nothing is lost", accepted and not accepted - books.runs.keys(),
                    f"{len(accepted - books.runs.keys())} of {len(accepted)} are lost")
        tally.check(f"{title}: publishers are not refused", not refused, collections.Counter(refused))
        tally.check(f"{title}: no message is a dead letter, or was tried again without a death",
                    not books.unexpected, books.unexpected[:5])
        tally.check(f"{title}: none is handled again without a death", not books.repeated, books.repeated[:5])
        tally.check(f"{title}: the file is sound", books.integrity == "ok", books.integrity)
        print(f"           {arguments.kills} kills: {len(accepted)} accepted, {len(books.runs)} handled,"
              f" {books.again} of them again, {len(accepted - books.runs.keys())} lost", flush=True)


def served(folder):
    return started(PROJECT, folder, overrides=KEPT)


def under_load(folder, choices, kills):
    """Kills processes while clients post to both; the ids that were accepted, and the statuses of what was not."""
    with contextlib.ExitStack() as stack:
        def begin():
            application = stack.enter_context(served(folder))
            return application, [Publisher(application) for _ in range(PUBLISHERS)]
        pair = [begin(), begin()]
        publishers = [publisher for _, some in pair for publisher in some]

        def kill(places):
            for place in places:
                pair[place][0].signal(signal.SIGKILL)
            for place in places:
                pair[place][0].process.wait()
        killed = 0
        while killed < kills:
            meanwhile(choices.uniform(0.02, 0.4))
            places = choices.choice([[0], [0], [1], [1], [0, 1]])
            kill(places)
            killed += len(places)
            for place in places:
                pair[place] = begin()
                publishers += pair[place][1]
        kill([0, 1])
        for publisher in publishers:
            publisher.join()
    return ({task for publisher in publishers for task in publisher.accepted},
            [status for publisher in publishers for status in publisher.others])


class Books:
    """What the file says in the end: how often each task was handled, and what became of its message."""

    def __init__(self, file):
        with opened(file) as database:
            self.runs = collections.Counter(task for task, in database.execute("SELECT task FROM runs"))
            messages = database.execute(
                "SELECT body, state, attempt, deaths, origin FROM wippy_queue_messages").fetchall()
            (self.integrity,) = database.execute("PRAGMA integrity_check").fetchone()
        self.unexpected, self.repeated = [], []
        for body, state, attempt, deaths, origin in messages:
            task = json.loads(body)["id"]
            if state != 5 or origin or attempt != deaths + 1:
                self.unexpected.append((task, state, attempt, deaths, origin))
            if self.runs[task] > deaths + 1:
                self.repeated.append((task, self.runs[task], deaths))
        self.again = sum(count > 1 for count in self.runs.values())


def waiting(file):
    """How many messages are not finished."""
    with opened(file) as database:
        return database.execute("SELECT count(*) FROM wippy_queue_messages WHERE state <> 5").fetchone()[0]


@contextlib.contextmanager
def opened(file):
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as database:
        yield database
