#!/usr/bin/env python3
"""Makes a project of each template of 'wippy-swift init', in Swift and in Lua, and does with it what its README says.

The packages share the build of examples/, which is of the same sources: so only their own files are compiled.
Prints what fails, then 'N passed, M failed'; the exit status is 0 only if nothing failed.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from support import ROOT, Program, Tally, Client, binary, eventually, get, post

#: Where the packages are built.
SCRATCH = os.path.join(ROOT, "examples", ".build")


class Project(Program):
    """A project that `init --template` has made, and its program while `make run` runs it.

    It has another name than the example that it comes from, whose products stay as they are.
    """

    def __init__(self, template, folder, language, *options):
        self.folder = os.path.join(folder, f"my-{template}")
        self.name = os.path.basename(self.folder)
        self.log = os.path.join(folder, f"{template}.log")
        os.mkdir(self.folder)
        self.made = subprocess.run(
            [binary("wippy-swift"), "init", "--template", template, "--handlers", language, *options],
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def make(self, *verb):
        """The exit status and the output of `make`."""
        done = subprocess.run(["make", *verb], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=600, env=self.environment)
        return done.returncode, done.stdout

    @property
    def environment(self):
        path = f"{os.path.dirname(binary('wippy-swift'))}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "SWIFTPM_BUILD_DIR": SCRATCH, "SWIFT_BACKTRACE": "enable=no"}

    def run(self):
        with open(self.log, "wb") as log:
            # A group of its own, which the end of the test ends: make, SwiftPM and the program.
            self.process = subprocess.Popen(["make", "run"], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=self.environment, start_new_session=True)
        return self

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
        self.process.wait()

    def interrupt(self):
        """What Ctrl-C does on a terminal; the exit status of make."""
        os.killpg(self.process.pid, 2)
        return self.process.wait(60)

    def port(self):
        found = eventually("it listens", lambda: re.search(r"listening.*?:([1-9]\d*)\b", self.text()), 300)
        return int(found[1])

    def edit(self, old, new):
        path = os.path.join(self.folder, "src", "_index.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        return old in text


def made(tally, template, folder):
    """The package of a template; its tests have passed."""
    package = Project(template, folder, "swift", "--package", ROOT)
    tally.check(f"{template}: init makes it", package.made.returncode == 0, package.made.stderr)
    description = subprocess.run(["swift", "package", "describe", "--type", "json"], cwd=package.folder, text=True,
                                 stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=package.environment)
    tally.check(f"{template}: SwiftPM can read its package",
                json.loads(description.stdout or "{}").get("name") == package.name, description.stderr)
    status, output = package.make("test")
    tally.check(f"{template}: its tests pass", status == 0 and re.search(r"Test run with [1-9]\d* tests? .*passed", output),
                output[-3000:])
    done = subprocess.run([os.path.join(SCRATCH, "debug", package.name), "lint", "--strict"], cwd=package.folder,
                          capture_output=True, text=True, timeout=60)
    tally.check(f"{template}: its YAML has no mistake", done.returncode == 0 and " entries, no problems\n" in done.stdout,
                done.stdout + done.stderr)
    return package


def made_of_scripts(tally, template, folder):
    """The project in Lua of a template; its tests have passed."""
    project = Project(template, folder, "lua")
    tally.check(f"{template} in Lua: init makes it", project.made.returncode == 0, project.made.stderr)
    status, output = project.make("test")
    tally.check(f"{template} in Lua: its tests pass", status == 0 and re.search(r"\n[1-9]\d* passed, 0 failed", output), output)
    status, output = project.make("lint")
    tally.check(f"{template} in Lua: it has no mistake", status == 0 and " entries, no problems\n" in output, output)
    return project


def ended(tally, template, package):
    package.interrupt()
    # make says what the interrupt did to it; the program says how it ended itself.
    tally.check(f"{template}: Ctrl-C stops it", eventually("it stops", lambda: "stopped" in package.text()), package.text())


def hello(tally, project):
    tally.check("hello: it has a port", project.edit('":8080"', '"127.0.0.1:0"'))
    tally.check("hello: it has a route to change", project.edit("/hello/{name}", "/greetings/{name}"))
    with project.run(), Client(project.port()) as client:
        response = client.exchange(get("/greetings/world"))
        tally.check("hello: it answers", response.body == b'{"text":"Hello, world"}', response.body)
        ended(tally, "hello", project)


def task_queue(tally, project):
    project.edit('":8080"', '"127.0.0.1:0"')
    with project.run(), Client(project.port()) as client:
        response = client.exchange(post(b'{"action":"uppercase","data":{"text":"hello world"}}'))
        tally.check("task-queue: it takes a task", response.status == 202, response.body)
        eventually("its result", lambda: b"HELLO WORLD" in client.exchange(get()).body)
        tally.check("task-queue: nothing has failed", client.exchange(get("/tasks?status=failed")).body
                    == b'{"count":0,"tasks":[]}')
        ended(tally, "task-queue", project)
    tally.check("task-queue: its results are a file", os.path.exists(os.path.join(project.folder, "data", "tasks.db")))


def worker(tally, project):
    tally.check("worker: it has an interval",
                project.edit("interval: 10s", "interval: 100ms") or project.edit("input: [10s]", "input: [100ms]"))
    with project.run():
        tally.check("worker: it works", eventually("a line", lambda: "worked" in project.text(), 300))
        ended(tally, "worker", project)


def main():
    tally = Tally()
    for make in (made, made_of_scripts):
        with tempfile.TemporaryDirectory(prefix="wippy-templates-") as folder:
            for name, template in (("hello", hello), ("task-queue", task_queue), ("worker", worker)):
                template(tally, make(tally, name, folder))
    print(f"templates  {tally.summary()}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
