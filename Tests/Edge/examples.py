#!/usr/bin/env python3
"""Runs the programs of examples/ from outside, as 'make examples' has built them.

Prints what fails, then 'N passed, M failed'; the exit status is 0 only if nothing failed.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from support import Application, Tally, binary, eventually, get, post


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
                             "-o", "app:router:options.stamp.txt=x", "-o", "app:ticker:intervall=2s",
                             "-o", "app:slug:modules=[http, origin, slog]")
    for wanted in ["driver_options.folder.max_messages", "options.stamp.text", "interval", "slug"]:
        tally.check(f"own-kind: lint knows {wanted}", status == 1 and f"did you mean '{wanted}'?" in output, output)
    status, output = command("own-kind", "--help")
    tally.check("own-kind: its help lists its command", re.search(r"\n  count +Count the entries", output), output)
    status, output = command("own-kind", "count", "--kind", "clock.")
    tally.check("own-kind: its command runs", (status, output) == (0, "1  clock.ticker\n"), output)
    status, output = command("own-kind", "call", "app:tick")
    tally.check("own-kind: its command says that no application runs",
                (status, output) == (1, "Error: no process runs this project: start it with 'run'\n"), output)
    status, output = command("own-kind", "ticks", "-o", "app:db:file=./missing.db")
    tally.check("own-kind: its command opens no database without a file", (status, output) == (0, "0\n"), output)
    status, output = command("own-kind", "kinds", "clock.ticker", "--markdown")
    tally.check("own-kind: its manual has its kind", status == 0 and output.startswith("# clock.ticker\n")
                and "| `interval` | a duration such as 10s, 1ms through 24h | `1s` |" in output, output)
    status, output = command("own-kind", "kinds", "http.router")
    tally.check("own-kind: its manual has the options of its middleware", "options.stamp.text" in output, output)

    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
        secrets = os.path.join(folder, "secrets")
        own = [f"app:db:file={folder}/ticks.db", f"app:folders:path={folder}",
               "app:ticker:interval=50ms", f"app:secrets:folder={secrets}"]
        files = os.path.join(folder, "app:ticks")
        with Application("own-kind", [*own, "app:consumer:lifecycle.auto_start=false"]) as application:
            kept = eventually("messages in files", lambda: os.path.isdir(files) and len(os.listdir(files)) >= 3)
            tally.check("own-kind: its driver keeps messages in files", kept, application.text())
            status, output = command("own-kind", "call", "app:tick", "--pid", str(application.process.pid))
            tally.check("own-kind: its command asks the running application", (status, output) == (0, "null\n"), output)
            status, output = command("own-kind", "call", "app:tock", "--pid", str(application.process.pid))
            tally.check("own-kind: its command shows an answer that is an error",
                        (status, output) == (1, "Error: there is no function 'app:tock'\n"), output)
            tally.check("own-kind: it stops by SIGTERM", application.stop() == 0, application.text())
        waiting = len(os.listdir(files))
        os.mkdir(secrets)
        with open(os.path.join(secrets, "SIGNATURE"), "w") as file:
            file.write("signed\n")
        with Application("own-kind", [*own, "app:ticker:lifecycle.auto_start=false"]) as application:
            def counted():
                return answer(application, "GET /ticks")[1] == {"count": waiting}
            tally.check("own-kind: what was kept is handled when it starts again", eventually("handled", counted),
                        application.text())
            head, _ = answer(application, "GET /ticks")
            tally.check("own-kind: its middleware completes answers with a variable of its storage", "X-Stamp: signed" in head, head)
            _, body = answer(application, "GET /slug?text=More+ticks!")
            tally.check("own-kind: a script requires its modules",
                        body == {"slug": "more-ticks", "origin": "GET /slug"}, body)
            head, body = answer(application, "DELETE /ticks")
            tally.check("own-kind: its database refuses changes", " 403 " in head and counted(), body)
            tally.check("own-kind: it stops again", application.stop() == 0, application.text())
        tally.check("own-kind: no message is left", os.listdir(files) == [], os.listdir(files))
        status, output = command("own-kind", "ticks", "-o", f"app:db:file={folder}/ticks.db")
        tally.check("own-kind: its command opens the database without the application",
                    (status, output) == (0, f"{waiting}\n"), output)


def embedded(tally):
    """It ends with its input, and prints what the application answered, logged and counted."""
    done = subprocess.run([binary("embedded"), "app:gateway:addr=127.0.0.1:0"], cwd=Application.projects["embedded"],
                          input="hello\nworld\n", capture_output=True, text=True, timeout=60)
    output = done.stdout + done.stderr
    tally.check("embedded: it ends with its input", done.returncode == 0, output)
    for line in ["HELLO!", "WORLD!", "http.requests{entry=app:gateway} 0"]:
        tally.check(f"embedded: it prints {line}", line in output.splitlines(), output)
    tally.check("embedded: the application logs to the program's log",
                "[info] app:gateway: listening address=127.0.0.1:" in output, output)
    linked = subprocess.run(["ldd", binary("embedded")], capture_output=True, text=True, timeout=60).stdout
    tally.check("embedded: it links the libraries of its own kinds alone",
                "libuv" in linked and "libsqlite3" not in linked and "liblua" not in linked, linked)
    done = subprocess.run([binary("embedded"), "app:gateway:addr=nowhere"], cwd=Application.projects["embedded"],
                          input="", capture_output=True, text=True, timeout=60)
    tally.check("embedded: a mistake ends it with its place",
                done.returncode != 0 and "-o app:gateway:addr" in done.stderr, done.stderr)


def streaming(tally):
    with Application("streaming", ["app:events:config.interval=50ms"]) as application:
        with application.connect() as client:
            client.send(b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(1000):
                client.send(b"10000\r\n" + b"x" * 65535 + b"\n\r\n")
            answer = client.exchange(b"0\r\n\r\n")
            tally.check("streaming: an upload in pieces is counted",
                        json.loads(answer.body) == {"bytes": 65536000, "lines": 1000}, answer.body)
        memory = application.memory("VmHWM")
        tally.check("streaming: 64 MB pass through less than half of that", memory < 96 << 20, memory)
        with application.connect() as client:
            answer = client.exchange(get("/numbers?count=200000"))
            tally.check("streaming: a download comes whole", answer.body.split()[-1] == b"199999", answer.body[-20:])
        with application.connect() as client:
            client.send(get("/events"))
            first = client.receive_until(b"\n\n") and client.receive_until(b"\n\n")
            tally.check("streaming: events come while the answer goes on", first and b"event: tick" in first, first)
            tally.check("streaming: it stops while events go on", application.stop() == 0, application.text())


def codable(tally):
    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
        with Application("codable", [f"app:db:file={folder}/notes.db"]) as application:
            with application.connect() as client:
                note = json.loads(client.exchange(post(b'{"text": "milk and bread"}', "/notes")).body)
                tally.check("codable: a note is answered as it is", note["words"] == 3 and "author" not in note, note)

                def listed():
                    return json.loads(client.exchange(get("/notes?words=3")).body) == [note]
                tally.check("codable: it is stored and listed", eventually("listed", listed), application.text())
                answer = client.exchange(post(b'{"text": 7}', "/notes"))
                tally.check("codable: a misfit is answered with its field",
                            answer.status == 400 and b"'text' must be a string" in answer.body, answer.body)
            tally.check("codable: it stops", application.stop() == 0, application.text())


def hello(tally):
    status, output = command("hello", "lint", "--strict")
    tally.check("hello: its project has no mistakes", status == 0, output)
    with Application("hello", ["app:greet:config.greeting=Good day"]) as application:
        _, body = answer(application, "GET /hello/Ann")
        tally.check("hello: it greets whom the path names", body == {"text": "Good day, Ann"}, body)
        tally.check("hello: it stops by SIGTERM", application.stop() == 0, application.text())


def retries(tally):
    status, output = command("retries", "lint", "--strict")
    tally.check("retries: its project has no mistakes", status == 0, output)
    quick = ["app:payments:retry.initial_delay=10ms", "app:payments:retry.max_delay=20ms"]
    with Application("retries", quick) as application, application.connect() as client:
        for amount, failures in ((5, 2), (7, 9)):
            body = json.dumps({"amount": amount, "failures": failures}).encode()
            tally.check("retries: a payment is queued", client.exchange(post(body, "/payments")).status == 202)
        eventually("the second is refused", lambda: "payment refused" in application.text())
        log = application.text()
        tally.check("retries: the first is paid by the third attempt", "amount=5 attempt=3" in log, log)
        tally.check("retries: the second is a dead letter after the fourth",
                    "amount=7 attempts=4" in log and "the bank does not answer" in log, log)
        client.close()
        tally.check("retries: it stops by SIGTERM", application.stop() == 0, application.text())


def worker(tally):
    status, output = command("worker", "lint", "--strict")
    tally.check("worker: its project has no mistakes", status == 0, output)
    with Application("worker", ["app:schedule:config.interval=10ms"], address=None, wait=False) as application:
        eventually("some jobs are done", lambda: application.text().count("worked") >= 3)
        tally.check("worker: it stops by SIGTERM", application.stop() == 0, application.text())


def lua_hello(tally):
    status, output = command("lua-hello", "lint", "--strict")
    tally.check("lua-hello: its project has no mistakes", status == 0, output)
    with Application("lua-hello") as application:
        for request, expected in (("/hello/Ann", {"text": "Hello, Ann"}),
                                  ("/hello/Ann?language=fr", {"text": "Bonjour, Ann"}),
                                  ("/hello/Ann?language=xx", {"error": "no greeting in this language"})):
            _, body = answer(application, f"GET {request}")
            tally.check(f"lua-hello: it answers {request}", body == expected, body)
        tally.check("lua-hello: it stops by SIGTERM", application.stop() == 0, application.text())


def lua_channels(tally):
    status, output = command("lua-channels", "lint", "--strict")
    tally.check("lua-channels: its project has no mistakes", status == 0, output)
    with Application("lua-channels") as application:
        _, body = answer(application, "GET /search")
        tally.check("lua-channels: what comes in time is found",
                    body == {"results": {"books": "found in books", "films": "found in films"},
                             "missing": ["archives"]}, body)
        _, body = answer(application, "GET /squares/50")
        tally.check("lua-channels: workers share a channel", body == {"squares": [n * n for n in range(1, 51)]}, body)
        tally.check("lua-channels: it stops by SIGTERM", application.stop() == 0, application.text())


def lua_schedule(tally):
    status, output = command("lua-schedule", "lint", "--strict")
    tally.check("lua-schedule: its project has no mistakes", status == 0, output)
    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
        file = f"app:db:file={folder}/chores.db"
        for start in ("first", "second"):
            options = [file, "app:sweep:every=1s"]
            with Application("lua-schedule", options, folder=folder, address=None, wait=False) as application:
                eventually(f"the {start} start does a chore", lambda: "chore=sweep" in application.text())
                next = re.search(r"app:report: +waits .*next=\S+T0[01]:30:00Z", application.text())
                tally.check(f"lua-schedule: the {start} start says when the report comes", next, application.text())
                tally.check("lua-schedule: it stops by SIGTERM", application.stop() == 0, application.text())


def lua_task_queue(tally):
    status, output = command("lua-task-queue", "lint", "--strict")
    tally.check("lua-task-queue: its project has no mistakes", status == 0, output)
    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
        own = [f"app:db:file={folder}/tasks.db", "app:tasks:retry.max_delay=10ms"]
        with Application("lua-task-queue", own) as application, application.connect() as client:
            for body in (b'{"action": "sum", "data": {"numbers": [1, 2.5]}}', b'{"action": "dance"}'):
                tally.check("lua-task-queue: a task is taken on",
                            client.exchange(post(body, "/tasks")).status == 202, application.text())
            tally.check("lua-task-queue: what is no task is refused",
                        client.exchange(post(b"{}", "/tasks")).status == 400, application.text())

            def listed():
                tasks = json.loads(client.exchange(get("/tasks?action=sum")).body)["tasks"]
                return [task["result"] for task in tasks] == ['{"output":3.5}']
            tally.check("lua-task-queue: it is done and listed", eventually("listed", listed), application.text())

            def aside():
                tasks = json.loads(client.exchange(get("/tasks?status=failed")).body)["tasks"]
                return [(task["action"], task["attempts"]) for task in tasks] == [("dance", 5)]
            tally.check("lua-task-queue: a task without an action is put aside after five attempts",
                        eventually("put aside", aside), application.text())
            client.close()
            tally.check("lua-task-queue: it stops by SIGTERM", application.stop() == 0, application.text())


def lua_worker(tally):
    status, output = command("lua-worker", "lint", "--strict")
    tally.check("lua-worker: its project has no mistakes", status == 0, output)
    with Application("lua-worker", ["app:schedule.service:input=[10ms]"], address=None, wait=False) as application:
        eventually("some jobs are done", lambda: application.text().count("worked") >= 3)
        tally.check("lua-worker: it stops by SIGTERM", application.stop() == 0, application.text())


def lua_and_swift(tally):
    status, output = command("lua-and-swift", "lint", "--strict")
    tally.check("lua-and-swift: its project has no mistakes", status == 0, output)
    with Application("lua-and-swift") as application, application.connect() as client:
        answered = json.loads(client.exchange(get("/check/1500")).body)
        tally.check("lua-and-swift: Swift asks a script", answered == {"taken": "by hand"}, answered)
        report = client.exchange(post(b'{"numbers": [1, 2, 6]}', "/report"))
        tally.check("lua-and-swift: a script calls the handler in another's place",
                    json.loads(report.body) == {"count": 3, "mean": 3, "by": "Swift"}, report.body)
        refused = client.exchange(post(b'{"numbers": []}', "/report"))
        tally.check("lua-and-swift: its error comes back", refused.status == 422, refused.body)
        tally.check("lua-and-swift: the log says who took over",
                    "a Swift handler replaces the Lua code" in application.text(), application.text())
        client.close()
        tally.check("lua-and-swift: it stops by SIGTERM", application.stop() == 0, application.text())


def main():
    tally = Tally()
    own_kind(tally)
    embedded(tally)
    streaming(tally)
    codable(tally)
    hello(tally)
    retries(tally)
    worker(tally)
    lua_hello(tally)
    lua_channels(tally)
    lua_schedule(tally)
    lua_task_queue(tally)
    lua_worker(tally)
    lua_and_swift(tally)
    print(f"examples   {tally.summary()}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
