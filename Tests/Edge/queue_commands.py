"""The command `queue` from outside: on a running application, on a stopped one's file, and where several run."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

from durable_queue import BODY, claimed, durable_project, handled, left, started
from support import ROOT, Application, binary, eventually, post


def run(tally, arguments):
    """Runs every scenario."""
    with durable_project() as project:
        folder = tempfile.mkdtemp(prefix="wippy-edge-")
        try:
            running(tally, project, folder)
            stopped(tally, project, folder)
            several(tally, project, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    in_memory(tally)


def queue(project, folder, *words, input=None):
    """The exit status and the output of `queue`, ages of messages as `AGE` and what is published each second as `RATE`."""
    command = [binary("task-queue"), "queue", *words, "-o", f"app:db:file={folder}/tasks.db"]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, input=input)
    return result.returncode, re.sub(
        r" +\d+(\.\d+)?m?s +(\d+)  +\d+\.\d ", r"  AGE  \2  RATE ", result.stdout), result.stderr


def rows(project, folder, *words):
    """The rows of `queue list`, by queue."""
    _, text, _ = queue(project, folder, "list", "--json", *words)
    return {row["queue"]: row for row in map(json.loads, text.splitlines())}


def running(tally, project, folder):
    with started(project, folder, delay="1ms") as application:
        pause = queue(project, folder, "pause", "app:tasks_queue")
        tally.check("queue: pause", pause[:2] == (0, "app:tasks_queue is paused\n"), pause)
        with application.connect() as client:
            ids = [json.loads(client.exchange(post(BODY)).body)["id"] for _ in range(3)]
        status, text, errors = queue(project, folder, "list")
        expected = """\
QUEUE             STATE   READY  DELAYED  CLAIMED  DEAD  OLDEST  ATTEMPTS  IN/S  DONE/S  FAILED/S
app:failed_tasks  open        0        0        0     0       -         0   0.0     0.0       0.0
app:tasks_queue   paused      3        0        0     0  AGE  0  RATE  0.0  0.0
"""
        tally.check("queue: list of a running application", status == 0 and squeezed(text) == squeezed(expected),
                    text + errors)
        status, text, _ = queue(project, folder, "peek", "app:tasks_queue", "--limit", "2", "--json")
        bodies = [json.loads(line)["body"]["id"] for line in text.splitlines()]
        tally.check("queue: peek shows the next ones", status == 0 and bodies == ids[:2], f"{ids}\n{text}")
        status, text, _ = queue(project, folder, "peek", "app:tasks_queue", "-n", "1")
        tally.check("queue: peek for people", re.fullmatch(
            r"[0-9a-f-]{36}  0 attempts, ready\n  body     \{.*\}\n  headers  \{.*\}\n", text), text)
        refused = queue(project, folder, "purge", "app:tasks_queue")
        tally.check("queue: purge needs --yes where nobody can be asked",
                    refused[0] == 1 and "--yes" in refused[2], refused)
        unknown(tally, project, folder)
        application.signal(signal.SIGKILL)
        application.process.wait()
    with started(project, folder, delay="1ms") as application:
        tally.check("queue: a pause survives a kill", rows(project, folder)["app:tasks_queue"]["state"] == "paused")
        tally.check("queue: the socket of the process that was killed is gone",
                    os.listdir(os.path.join(project, ".wippy", "run")) == [f"{application.pid}.sock"])
        resumed = queue(project, folder, "resume", "app:tasks_queue")
        tally.check("queue: resume", resumed[:2] == (0, "app:tasks_queue is resumed\n"), resumed)
        eventually("what was paused is handled", lambda: set(ids) <= handled(application.database))
        application.stop()
    tally.check("queue: the socket goes with its application",
                os.listdir(os.path.join(project, ".wippy", "run")) == [])


def unknown(tally, project, folder):
    for action in ("peek", "list"):
        answer = queue(project, folder, action, "app:task_queue")
        tally.check(f"queue: {action} of a queue that is not there names its neighbour",
                    answer[0] == 1 and "did you mean 'app:tasks_queue'?" in answer[2], answer)


def squeezed(text):
    """The text with each run of spaces as one: ages are of different widths."""
    return re.sub(" +", " ", text)


def stopped(tally, project, folder):
    """Messages wait in the file of an application that has stopped."""
    with started(project, folder, delay="60s", consumers=1) as application:
        with application.connect() as client:
            for _ in range(4):
                client.exchange(post(BODY))
        eventually("one is in hand", lambda: claimed(application.database) == 1)
        application.signal(signal.SIGKILL)
        application.process.wait()
    row = rows(project, folder)["app:tasks_queue"]
    tally.check("queue: list of a stopped application's file",
                (row["ready"], row["claimed"], row["state"]) == (3, 1, "open"), row)
    unknown(tally, project, folder)
    purged = queue(project, folder, "purge", "app:tasks_queue", "--yes")
    tally.check("queue: purge of a stopped application's file", purged[:2] == (0, "3 messages are removed\n"), purged)
    tally.check("queue: purge leaves what a handler had in hand", left(f"{folder}/tasks.db") == 1)
    status, text, errors = queue(project, os.path.join(folder, "nowhere"), "list")
    tally.check("queue: a database that is not there yet is not made",
                status == 0 and text.count("no file yet") == 2 and not os.path.exists(f"{folder}/nowhere"), text + errors)
    with started(project, folder, delay="1ms") as application:
        eventually("the rest is handled", lambda: left(application.database) == 0)
        application.stop()


def several(tally, project, folder):
    with started(project, folder) as first, started(project, folder) as second:
        status, _, errors = queue(project, folder, "list")
        tally.check("queue: of several processes it asks which one", status == 1 and "--pid" in errors
                    and str(first.pid) in errors and str(second.pid) in errors, errors)
        tally.check("queue: --pid says which one",
                    rows(project, folder, "--pid", str(second.pid))["app:tasks_queue"]["state"] == "open")
        status, _, errors = queue(project, folder, "list", "--pid", "1")
        tally.check("queue: --pid of none of them", status == 1 and "the process 1 does not run this project" in errors, errors)


def in_memory(tally):
    """The repository's own topology with its queues in memory."""
    folder = tempfile.mkdtemp(prefix="wippy-edge-")
    try:
        os.makedirs(os.path.join(folder, "src"))
        with open(os.path.join(ROOT, "src", "_index.yaml"), encoding="utf-8") as file:
            text = re.sub(r"kind: queue.driver.sql\n( *database: .*\n)?", "kind: queue.driver.memory\n", file.read())
        with open(os.path.join(folder, "src", "_index.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        row = rows(folder, folder)["app:tasks_queue"]
        tally.check("queue: a queue in memory is not shown while nothing runs", row["state"] == "not shown", row)
        peek = queue(folder, folder, "peek", "app:tasks_queue")
        tally.check("queue: and it says so", peek[0] == 1 and "loses its messages" in peek[2], peek)
        with Application("task-queue", project=folder, folder=folder):
            row = rows(folder, folder)["app:tasks_queue"]
            tally.check("queue: a queue in memory is counted while it runs",
                        (row["state"], row["ready"]) == ("open", 0), row)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
