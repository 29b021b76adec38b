"""What a changed route costs an application of 20,000: the time from SIGHUP until it is in force, and the instructions.

The project has its endpoints in one file, or in 200 of 100 each, of which one is edited. Valgrind counts instructions of
smaller projects: what a reload costs there is the difference between a run with reloads and one without.
"""
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from support import PATIENCE, Application, Client, counted, eventually, get

ENDPOINTS = 20_000
#: A file of a project of many has so many endpoints.
FILE = 100
#: A changed route is in force within so many seconds.
LIMIT = 1.0
#: What it costs for each further endpoint that stays as it is, in instructions: a comparison, not another reading.
INSTRUCTIONS = 80_000
#: Endpoints of the smallest project whose instructions are counted; the others have twice and four times as many.
SIZE = 200
RELOADS = 3

BASE = """
  - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
  - {name: router, kind: http.router, meta: {server: probe:gateway}}
  - {name: small, kind: function.swift, handler: Small}
"""


class Project:
    """A folder with an endpoint for each path from `/p0` on; the route in the middle can be moved."""

    def __init__(self, endpoints, in_files):
        self.folder = tempfile.TemporaryDirectory(prefix="wippy-reload-")
        self.path = self.folder.name
        size = FILE if in_files else endpoints
        self.groups = [range(first, min(first + size, endpoints)) for first in range(0, endpoints, size)]
        self.edited = len(self.groups) // 2
        self.route = self.groups[self.edited][size // 2]
        for number in range(len(self.groups)):
            self.write(number)

    def write(self, number, moved=""):
        entries = "".join(
            f"  - {{name: e{i}, kind: http.endpoint, meta: {{router: probe:router}}, method: GET, "
            f"path: /p{i}{moved if i == self.route else ''}, func: probe:small}}\n" for i in self.groups[number])
        path = os.path.join(self.path, "src", *(["_index.yaml"] if number == 0 else [f"d{number}", "_index.yaml"]))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"namespace: probe\nentries:\n{BASE if number == 0 else ''}{entries}")

    def move(self, words):
        """Writes the file with the moved route again, and returns the route's path."""
        self.write(self.edited, words)
        return f"/p{self.route}{words}"


def run(tally, _):
    """Measures both shapes of the project, and says what it found."""
    for in_files in (False, True):
        measure(tally, in_files)
    if not shutil.which("valgrind"):
        return tally.skip("what a reload costs", "valgrind is not installed")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = {in_files: [pool.submit(cost, SIZE * times, in_files) for times in (1, 2, 4)]
                  for in_files in (False, True)}
    for in_files, futures in counts.items():
        costs = [future.result() for future in futures]
        print(f"  {shape(in_files)}: one changed route costs " + ", ".join(
            f"{cost / 1e6:.1f} million instructions of {SIZE * times} endpoints"
            for cost, times in zip(costs, (1, 2, 4))), flush=True)
        each = (costs[-1] - costs[0]) / (3 * SIZE)
        tally.check(f"{shape(in_files)}, a changed route costs at most {INSTRUCTIONS} instructions for each that stays",
                    each < INSTRUCTIONS, f"{each:.0f}")


def shape(in_files):
    return f"in files of {FILE}" if in_files else "in one file"


def measure(tally, in_files):
    """How long a changed route of `ENDPOINTS` takes to be in force, and what it takes of the processors."""
    project = Project(ENDPOINTS, in_files)
    with Application(project=project.path, prefix=("setsid",)) as application, application.connect() as client:
        # The first one warms up.
        elapsed, used = [], []
        for number in range(RELOADS + 1):
            path = project.move(f"-{number}")
            begin, work = time.monotonic(), processor_time(application.pid)
            application.signal(signal.SIGHUP)
            eventually("the route", lambda: client.exchange(get(path)).status == 200)
            elapsed.append(time.monotonic() - begin)
            eventually("the line", lambda: application.text().count("the project was reloaded") > number)
            used.append(processor_time(application.pid) - work)
        times = sorted(elapsed[1:])
        print(f"  {ENDPOINTS} endpoints {shape(in_files)}: a changed route is in force in {times[len(times) // 2]:.3f} s"
              f" ({times[0]:.3f} to {times[-1]:.3f}), {sum(used[1:]) / RELOADS:.3f} s of a processor", flush=True)
        tally.check(f"{shape(in_files)}, a changed route of {ENDPOINTS} is in force in {LIMIT:g} s",
                    times[len(times) // 2] < LIMIT * PATIENCE, f"{[f'{time:.3f}' for time in elapsed]}")
        old = f"/p{project.route}-{RELOADS - 1}"
        tally.check("what it was before is not", client.exchange(get(old)).status == 404)


def processor_time(pid):
    """Seconds that a process has taken of the processors."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except FileNotFoundError:
            pass
    return total / 1e9


def cost(endpoints, in_files):
    """The instructions of one reload."""
    with_reloads, without = (instructions(endpoints, in_files, reloads) for reloads in (1 + RELOADS, 1))
    return (with_reloads - without) / RELOADS


def instructions(endpoints, in_files, reloads):
    """The instructions of a run with so many reloads."""
    project = Project(endpoints, in_files)
    with open(os.path.join(project.path, "log"), "w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            ["setsid", *counted("WippyProbe"), "run"], cwd=project.path, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, env={**os.environ, "SWIFT_BACKTRACE": "enable=no", "SWIFT_DETERMINISTIC_HASHING": "1"})

        def text():
            log.seek(0)
            return log.read()

        try:
            eventually("the start", lambda: " started " in text(), 240)
            for number in range(reloads):
                project.move(f"-{number}")
                process.send_signal(signal.SIGHUP)
                eventually("a reload", lambda: text().count("the project was reloaded") > number, 240)
            process.send_signal(signal.SIGTERM)
            process.wait(240 * PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        found = re.search(r"I\s+refs:\s+([\d,]+)", text())
        if not found:
            raise SystemExit(f"nothing was counted:\n{text()[-2000:]}")
        return int(found[1].replace(",", ""))
