#!/usr/bin/env python3
"""Runs the programs of examples/ from outside, as 'make examples' has built them.

Prints what fails, then 'N passed, M failed'; the exit status is 0 only if nothing failed.
"""
import json
import os
import subprocess
import sys
import tempfile

from support import Application, Tally, binary, eventually


def command(name, *arguments):
    """The exit status and the output of a command of a program, in its project's folder."""
    done = subprocess.run([binary(name), *arguments], cwd=Application.projects[name], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def answer(application, request):
    """The head and the body of the answer to a request without a body."""
    with application.connect() as client:
        client.send(f"{request} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        head, _, body = client.receive_to_end().decode().partition("\r\n\r\n")
        return head, json.loads(body)


def own_kind(tally):
    status, output = command("own-kind", "lint", "--strict")
    tally.check("own-kind: its project has no mistakes", status == 0, output)
    status, output = command("own-kind", "lint", "-o", "app:ticks:driver_options.folder.max_mesages=9",
                             "-o", "app:router:options.stamp.txt=x", "-o", "app:ticker:intervall=2s")
    for wanted in ["driver_options.folder.max_messages", "options.stamp.text", "interval"]:
        tally.check(f"own-kind: lint knows {wanted}", status == 1 and f"did you mean '{wanted}'?" in output, output)
    status, output = command("own-kind", "--help")
    tally.check("own-kind: its help lists its command", "\n  count    Count the entries" in output, output)
    status, output = command("own-kind", "count", "--kind", "clock.")
    tally.check("own-kind: its command runs", (status, output) == (0, "1  clock.ticker\n"), output)

    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
        own = [f"app:db:file={folder}/ticks.db", f"app:folders:path={folder}",
               "app:ticker:interval=50ms"]
        files = os.path.join(folder, "ticks")
        with Application("own-kind", [*own, "app:consumer:lifecycle.auto_start=false"]) as application:
            kept = eventually("messages in files", lambda: os.path.isdir(files) and len(os.listdir(files)) >= 3)
            tally.check("own-kind: its driver keeps messages in files", kept, application.text())
            tally.check("own-kind: it stops by SIGTERM", application.stop() == 0, application.text())
        waiting = len(os.listdir(files))
        with Application("own-kind", [*own, "app:ticker:lifecycle.auto_start=false"]) as application:
            def counted():
                return answer(application, "GET /ticks")[1] == {"count": waiting}
            tally.check("own-kind: what was kept is handled when it starts again", eventually("handled", counted),
                        application.text())
            head, _ = answer(application, "GET /ticks")
            tally.check("own-kind: its middleware completes answers", "X-Stamp: own-kind" in head, head)
            head, body = answer(application, "DELETE /ticks")
            tally.check("own-kind: its database refuses changes", " 403 " in head and counted(), body)
            tally.check("own-kind: it stops again", application.stop() == 0, application.text())
        tally.check("own-kind: no message is left", os.listdir(files) == [], os.listdir(files))


def main():
    tally = Tally()
    own_kind(tally)
    print(f"examples   {tally.summary()}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
