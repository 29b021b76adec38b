"""Hostile scripts behind endpoints of one application on one loop: each fails its own call alone.

Meanwhile a neighbour on the same loop is asked without a pause; how long it took is printed.
"""
import os
import subprocess
import sys
import tempfile
import time

from hostile_scripts import ENDS, FAILS, HOLDS, REFUSED
from support import PATIENCE, Application, binary, get

MODULES = "[base64, ctx, env, funcs, hash, http, json, logger, queue, registry, sql, store, text, time, uuid]"

HEAD = """version: "1.0"
namespace: app
entries:
  - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
  - {name: router, kind: http.router, meta: {server: gateway}}
  - {name: db, kind: db.sql.sqlite, file: hostile.db, busy_timeout: 300ms, lifecycle: {auto_start: true}}
  - {name: driver, kind: queue.driver.memory, lifecycle: {auto_start: true}}
  - {name: small, kind: queue.queue, driver: driver, publish_timeout: 50ms, driver_options: {memory: {max_length: 100}}}
  - {name: store, kind: store.memory, max_size: 100}
"""

FUNCTION = """  - name: {name}
    kind: function.lua
    source: file://{name}.lua
    method: handler
    modules: {modules}
    limits: {{memory: {memory}, run: 200ms}}
"""

ENDPOINT = """  - {{name: {name}.endpoint, kind: http.endpoint, meta: {{router: router}}, method: GET, path: "/{name}", func: {name}}}
"""

#: Functions that scripts call.
CALLED = {
    "neighbour": "local http = require('http') return {handler = function() http.response():write('ok') end}",
    "echo": "return {handler = function(x) return x end}",
    "runaway": "return {handler = function() while true do end end}",
    "itself": "local funcs = require('funcs') return {handler = function() return funcs.call('app:itself') end}",
    "globals": "return {handler = function() local seen = OWN == nil and name1 == nil OWN = 1 return seen and 'own' or 'own' end}",
}


def project(folder):
    """Writes the application with every script; the paths by the scripts' titles."""
    source = os.path.join(folder, "src")
    os.mkdir(source)
    definitions, paths = HEAD, {}
    for name, text in CALLED.items():
        definitions += FUNCTION.format(name=name, modules=MODULES, memory="16MiB") + ENDPOINT.format(name=name)
        with open(os.path.join(source, name + ".lua"), "w", encoding="utf-8") as file:
            file.write(text)
    scripts = [*FAILS.items(), *ENDS.items(), *((title, f"local function holds() {text}\nend http.response():write(tostring(holds()))")
                                               for title, text in HOLDS.items())]
    for number, (title, text) in enumerate(scripts):
        name = f"s{number}"
        definitions += FUNCTION.format(name=name, modules=MODULES, memory="16MiB") + ENDPOINT.format(name=name)
        with open(os.path.join(source, name + ".lua"), "w", encoding="utf-8") as file:
            file.write(f"return {{handler = function()\n{text}\nend}}\n")
        paths[title] = f"/{name}"
    with open(os.path.join(source, "_index.yaml"), "w", encoding="utf-8") as file:
        file.write(definitions)
    return paths


#: Asks a path of a port until its input ends, and prints how long each answer took, in milliseconds.
NEIGHBOUR = """
import select, socket, sys, time
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
times = []
while not select.select([sys.stdin], [], [], 0.002)[0]:
    began = time.monotonic()
    connection.sendall(b"GET /neighbour HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
    answer = connection.recv(65536)
    times.append(time.monotonic() - began)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"the neighbour answered {answer!r}")
for taken in times:
    print(f"{taken * 1000:.3f}")
"""


class Neighbour:
    """A client of its own process that asks the neighbour all the time."""

    def __init__(self, port):
        self.process = subprocess.Popen([sys.executable, "-c", NEIGHBOUR, str(port)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def end(self):
        """How long each answer took, in milliseconds."""
        text = self.process.communicate(input="x", timeout=60 * PATIENCE)[0]
        return [float(line) for line in text.splitlines()]


def ask(app, path):
    with app.connect(timeout=60) as client:
        return client.exchange(get(path))


def quantile(times, part):
    return sorted(times)[min(int(len(times) * part), len(times) - 1)]


def refused(tally):
    """Texts that are no scripts are refused by lint, which lives."""
    for title, text in REFUSED.items():
        with tempfile.TemporaryDirectory(prefix="wippy-hostile-") as folder:
            os.mkdir(os.path.join(folder, "src"))
            with open(os.path.join(folder, "src", "_index.yaml"), "w", encoding="utf-8") as file:
                file.write("version: '1.0'\nnamespace: app\nentries:\n"
                           "  - {name: f, kind: function.lua, source: file://f.lua, method: handler}\n")
            with open(os.path.join(folder, "src", "f.lua"), "wb") as file:
                file.write(text.encode("latin-1"))
            done = subprocess.run([binary("wippy-swift"), "lint"], cwd=folder, capture_output=True, timeout=60 * PATIENCE,
                                  env={**os.environ, "SWIFT_BACKTRACE": "enable=no"}, stdin=subprocess.DEVNULL)
            tally.check(f"'{title}' does not compile", done.returncode == 1 and b"f.lua" in done.stdout + done.stderr,
                        f"status {done.returncode}: {(done.stdout + done.stderr)[-300:]!r}")


def run(tally, arguments):
    refused(tally)
    with tempfile.TemporaryDirectory(prefix="wippy-hostile-") as folder:
        paths = project(folder)
        with Application("lua-hello", settings=["runtime.loops=1"], project=folder, folder=folder) as app:
            neighbour = Neighbour(app.port)
            for title, path in paths.items():
                try:
                    answer = ask(app, path)
                except (OSError, EOFError) as error:
                    answer = None
                    tally.check(f"'{title}' is answered", False, repr(error))
                if answer is None:
                    if not tally.check(f"the application outlives '{title}'", app.process.poll() is None):
                        return
                elif title in FAILS:
                    tally.check(f"'{title}' fails", answer.status >= 500, f"{answer.status} {answer.body[:200]!r}")
                elif title in HOLDS:
                    tally.check(f"'{title}'", answer.body == b"true", f"{answer.status} {answer.body[:200]!r}")
            taken, most = neighbour.end(), app.memory("VmHWM")
            if tally.check("the neighbour is answered all the time", len(taken) > 100, str(len(taken))):
                print(f"hostile    {len(paths)} scripts; a neighbour's {len(taken)} answers took {quantile(taken, 0.5):.2f} ms"
                      f" (median), {quantile(taken, 0.99):.2f} ms (p99), {max(taken):.2f} ms (longest);"
                      f" {most >> 20} MiB of memory at most", flush=True)
            # Each function keeps a state; no call has more than four times its state's 16 MiB, or one query's 64 MiB.
            tally.check("the application has not had much memory", most < 2 << 30, f"{most >> 20} MiB")
            tally.check("the application stops", app.stop() == 0, app.text()[-1000:])
