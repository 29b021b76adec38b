"""Twice the entries take twice the work: the instructions of a process are counted, not its seconds.

Each case makes projects of `SIZE`, twice and four times as many entries. What the second doubling adds must be about
twice what the first one added; work that grows with the square would add four times as much.
"""
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from support import PATIENCE, binary, counted, wait_for

#: Entries of the smallest project of a case.
SIZE = 300
#: The most that the second doubling may add, compared with the first: 2 is linear, a little more is sorting.
GROWTH = 2.5

BASE = """
  - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
  - {name: router, kind: http.router, meta: {server: gateway}}
  - {name: echo, kind: function.swift, handler: Echo}
  - {name: driver, kind: queue.driver.memory}
  - {name: sink, kind: queue.queue, driver: driver}
  - {name: relay, kind: function.swift, handler: Relay, uses: {next: sink}}
  - {name: host, kind: process.host}
  - {name: word, kind: process.swift, handler: LastWord, uses: {next: sink}, config: {last: 0}}
"""


def run(tally, _):
    """Runs every case, or skips all where nothing can count."""
    quick(tally)
    if not shutil.which("valgrind"):
        return tally.skip("work grows with the entries", "valgrind is not installed")

    def check(case):
        name, (command, make) = case
        counts = [instructions(command, *make(SIZE * times)) for times in (1, 2, 4)]
        first, second = counts[1] - counts[0], counts[2] - counts[1]
        tally.check(f"{command}: {name}", 0 < second < GROWTH * first,
                    f"{first:,} instructions more for twice the entries, {second:,} for twice as many again")

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(check, CASES.items()))


def quick(tally):
    """Whatever looks at a project of 1,000 entries does so in under a second."""
    entries, *_ = each(ENDPOINT + "\n  - " + QUEUE + CONSUMER % "q{i}" + "\n  - " + FUNCTION)(248)
    with tempfile.TemporaryDirectory(prefix="wippy-scale-") as folder:
        os.makedirs(os.path.join(folder, "src"))
        with open(os.path.join(folder, "src", "_index.yaml"), "w", encoding="utf-8") as file:
            file.write(f"namespace: app\nentries:\n{BASE}{entries}")
        program = binary("WippyProbe")
        listed = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
        for words in ("lint", "registry list", "registry list --meta router=app:router --json", "registry show e7", "schema",
                      "graph --format mermaid", "graph --format dot", "graph --format svg", "graph --format json"):
            if f"\n  {words.split()[0]} " not in listed:
                continue
            seconds = []
            for _ in range(3):
                begin = time.monotonic()
                done = subprocess.run([program, *words.split()], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL)
                seconds.append(time.monotonic() - begin)
            tally.check(f"'{words}' of 1,000 entries takes less than a second", done.returncode == 0 and min(seconds) < PATIENCE,
                        f"status {done.returncode}, {min(seconds):.2f} s: {done.stderr[-300:]}")
            if words == "lint":
                tally.check("the project has 1,000 entries", b"\n1000 entries, " in b"\n" + done.stdout, done.stdout[-300:])


def instructions(command, entries, files=None, settings=None, options=()):
    """How many instructions a command takes for a project; `run` is told to stop once it has started."""
    folder = tempfile.mkdtemp(prefix="wippy-scale-")
    try:
        texts = {"src/_index.yaml": f"namespace: app\nentries:\n{BASE}{entries}", **(files or {})}
        if settings:
            texts[".wippy.yaml"] = f'version: "1.0"\n{settings}'
        for path, text in texts.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(text)
        path = os.path.join(folder, "log")

        def said():
            with open(path, encoding="utf-8", errors="replace") as log:
                return log.read()

        with open(path, "wb") as log:
            process = subprocess.Popen(
                [*counted("WippyProbe"), command, *options], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "SWIFT_BACKTRACE": "enable=no", "SWIFT_DETERMINISTIC_HASHING": "1"})
        if command == "run" and wait_for(lambda: " started " in said() or process.poll() is not None, 240):
            process.send_signal(signal.SIGTERM)
        wait_for(lambda: process.poll() is not None, 240)
        process.kill()
        process.wait()
        text = said()
        found = re.search(r"I\s+refs:\s+([\d,]+)", text)
        if not found:
            raise SystemExit(f"nothing was counted:\n{text[-2000:]}")
        return int(found[1].replace(",", ""))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# The projects: entries of the file, more files, settings.

def each(form, **more):
    """As many entries as asked for, `{i}` counting them from 0 and `{j}` from 1."""
    def make(count):
        return ("".join(f"  - {form.format(i=i, j=i + 1, half=i // 2, other=i ^ 1, n=count)}\n" for i in range(count)),
                *(more[key](count) if key in more else None for key in ("files", "settings")))
    return make


def lines(form, before=""):
    return lambda count: before + "".join(form.format(i=i) for i in range(count))


FUNCTION = "{{name: f{i}, kind: function.swift, handler: Echo}}"
ENDPOINT = "{{name: e{i}, kind: http.endpoint, meta: {{router: router}}, method: GET, path: /p{i}, func: echo}}"
SERVICE = ("{{name: p{i}, kind: process.service, process: word, host: host, "
           "lifecycle: {{auto_start: true%s}}}}")
CONSUMER = "{{name: c{i}, kind: queue.consumer, queue: %s, func: relay, lifecycle: {{auto_start: true}}}}"
QUEUE = "{{name: q{i}, kind: queue.queue, driver: driver}}\n  - "


def chain(count):
    """Each service requires the next one, and another far behind."""
    entries, *_ = each(SERVICE % ", requires: [p{j}, last]")(count)
    ends = "".join(f"  - {(SERVICE % '').format(i=count).replace(f'p{count}', name)}\n" for name in (f"p{count}", "last"))
    return entries + ends, None, None


def one_requires_all(count):
    entries, *_ = each(SERVICE % "")(count)
    names = ", ".join(f"p{i}" for i in range(count))
    last = f"  - {{name: z, kind: process.service, process: word, host: host, lifecycle: {{requires: [{names}]}}}}\n"
    return entries + last, None, None


def one_value(text):
    """One entry with a value that holds a text as often as asked for."""
    return lambda count: (f"  - {{name: long, kind: registry.entry, value: \"{text * count}\"}}\n", None, None)


def one_option(text):
    return lambda count: ("  - {name: long, kind: registry.entry}\n", None, None, ["-o", "app:long:value=" + text * count])


def shapes(count):
    """Endpoints of which hardly two have their parameters at the same places."""
    def path(i):
        return "".join(f"/{{x{bit}}}" if i >> bit & 1 else "/l" for bit in range(15)) + f"/z{i}"
    return "".join(f"  - {ENDPOINT.format(i=i)}\n".replace(f"/p{i}", f'"{path(i)}"') for i in range(count)), None, None


CASES = {
    "a value that begins many placeholders": ("lint", one_value("${" * 40)),
    "an option with many commas": ("lint", one_option("," * 40)),
    "endpoints of many shapes": ("lint", shapes),
    "endpoints": ("lint", each(ENDPOINT)),
    "endpoints with parameters": ("lint", each(ENDPOINT.replace("/p{i}", "\"/a/{{id}}/p{i}\""))),
    "routers": ("lint", each("{{name: r{i}, kind: http.router, meta: {{server: gateway}}, prefix: /r{i}}}")),
    "dangling references": ("lint", each(ENDPOINT.replace("echo", "ecko{i}"))),
    "names that no handler has": ("lint", each(FUNCTION.replace("Echo", "Ecko{i}"))),
    "queues with consumers": ("lint", each(QUEUE + CONSUMER % "q{i}")),
    "a chain of requires": ("lint", chain),
    "one service that requires all": ("lint", one_requires_all),
    "a cycle of all, and shorter ones in it": (
        "lint", each("{{name: f{i}, kind: function.swift, handler: Echo, uses: {{a: f{other}, b: f{half}}}}}")),
    "ids declared twice": ("lint", each("{{name: f{half}, kind: function.swift, handler: Echo}}")),
    "files": ("lint", each("{{name: f{i}, kind: registry.entry}}", files=lambda count: {
        f"src/d{i}/_index.yaml": f"namespace: n{i}\nentries:\n  - {{name: l, kind: library.lua, source: file://l.lua}}\n"
        for i in range(count)} | {f"src/d{i}/l.lua": "return 1\n" for i in range(count)})),
    "files that do not parse, and references into them": (
        "lint", each(SERVICE.replace("word", "n{i}:x") % "", files=lambda count: {
            f"src/f{i}.yaml": f"namespace: n{i}\nentries: [\n" for i in range(count)})),
    "overrides": ("lint", each(FUNCTION, settings=lines("  app:f{i}:handler: Echo\n", "override:\n"))),
    "overrides of one entry": ("lint", each(FUNCTION, settings=lines("  app:echo:meta.a.k{i}: 1\n", "override:\n"))),
    "disabled entries": (
        "lint", each(FUNCTION, settings=lines("    - app:f{i}\n    - \"*:g{i}*\"\n", "disable:\n  entries:\n"))),
    "endpoints that are served": ("run", each(ENDPOINT)),
    "processes": ("run", each(SERVICE % "")),
    "a chain of services": ("run", chain),
    "queues with a consumer each": ("run", each(QUEUE + CONSUMER % "q{i}")),
    "consumers of one queue": ("run", each(CONSUMER % "sink")),
}
