"""The report: what was measured, on what, and how it stands to the goals."""
import os
import platform
import re
import sqlite3
from statistics import median

from peers import output_of
from scenarios import ALL, BODY, CONNECTIONS

PRODUCT = "wippy-swift"

#: Scenario, whose figure, measured against, goal, and whether the ratio must be at least or at most that.
GOALS = [
    ("get-small", PRODUCT, "go", 1.8, "at least"),
    ("post", PRODUCT, "go", 1.8, "at least"),
    ("post", PRODUCT, "nginx", 1.0, "at least"),
    ("post", "durable", "go", 1.0, "at least"),
    ("job-64", PRODUCT, "go", 2.3, "at least"),
    ("job-64", PRODUCT, "floor", 0.85, "at least"),
    ("job-64", "durable", "go", 1.5, "at least"),
    ("job-64", "durable", "go-table", 3.0, "at least"),
    ("job-2", PRODUCT, "go", 1.5, "at least"),
    ("job-2", PRODUCT, "floor", 0.85, "at least"),
    ("list", PRODUCT, "go", 2.0, "at least"),
    ("post", "lua", "go", 1.2, "at least"),
    ("post", "lua", "nginx", 0.8, "at least"),
    ("job-64", "lua", "go", 1.3, "at least"),
    ("list", "lua", "go", 1.5, "at least"),
    ("start", PRODUCT, "go", 2.0, "at most"),
    ("lua-call", "lua", "c-host", 1.5, "at most"),
    ("lua-state", "lua", "c-host", 1.5, "at most"),
    ("lua-memory", "lua", "c-host", 1.5, "at most"),
]
IDLE_MEMORY_GOAL = 22


def machine(bench, root):
    """What the figures depend on; no names."""
    model = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))
    system = re.search(r'PRETTY_NAME="(.*)"', read("/etc/os-release"))
    return dict(
        processor=model[1] if model else platform.machine(), cores=os.cpu_count(),
        memory=f"{int(memory[1]) / 1048576:.0f} GB" if memory else "unknown", kernel=platform.release().split("-")[0],
        system=system[1] if system else platform.system(), server_core=bench.cores[0], load_core=bench.cores[1],
        file_system=output_of("stat", "-f", "-c", "%T", root), sqlite=sqlite3.sqlite_version,
        load_average=os.getloadavg()[0])


def read(path):
    try:
        with open(path, encoding="utf8") as file:
            return file.read()
    except OSError:
        return ""


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def figures(samples, name):
    return [sample[name] for sample in samples if name in sample]


def spread(values):
    return f"{number(min(values))} - {number(max(values))}"


def ratio(ours, theirs, name):
    """The ratio of the medians, and the least and greatest ratio of two runs of the same round."""
    mine, other = figures(ours, name), figures(theirs, name)
    rounds = [a / b for a, b in zip(mine, other) if b]
    return (median(mine) / median(other), min(rounds), max(rounds)) if rounds and median(other) else None


def reaches(value, goal, direction):
    return value >= goal if direction == "at least" else value <= goal


def goals(samples):
    lines = ["| figure | peer | measured against | goal | ratio (least - greatest of a round) | |",
             "| --- | --- | --- | --- | --- | --- |"]
    titles = {name: title for name, title, *_ in ALL}
    for scenario, product, peer, goal, direction in GOALS:
        of_peer = samples.get(scenario, {})
        ours, theirs = of_peer.get(product), of_peer.get(peer)
        found = ratio(ours, theirs, "value") if ours and theirs else None
        if found:
            middle, least, greatest = found
            is_met = reaches(middle, goal, direction)
            # A third digit where two would read as the opposite.
            digits = 2 if reaches(round(middle, 2), goal, direction) == is_met else 3
            measured = f"**{middle:.{digits}f}** ({least:.2f} - {greatest:.2f})"
            verdict = "met" if is_met else "missed"
        else:
            measured, verdict = "not run", ""
        lines.append(f"| {titles[scenario]} | {product} | {peer} | {direction} {goal} | {measured} | {verdict} |")
    idle = figures(samples.get("start", {}).get(PRODUCT, []), "memory")
    if idle:
        verdict = "met" if median(idle) <= IDLE_MEMORY_GOAL else "missed"
        lines.append(f"| Idle memory | {PRODUCT} | | at most {IDLE_MEMORY_GOAL} MB | **{median(idle):.1f} MB** ({spread(idle)}) "
                     f"| {verdict} |")
    return lines


def table(of_peer, unit):
    """One scenario: what each peer did."""
    has_load = any("load" in sample for samples in of_peer.values() for sample in samples)
    others = [name for name in ["go", "floor", "nginx", "c-host"] if of_peer.get(name)]
    head = ["peer", f"{unit}, median", "least - greatest", *[f"to {name}" for name in others]]
    if has_load:
        head += ["server's processor, us each", "p50, us", "p99, us", "load generator busy"]
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    for name, samples in of_peer.items():
        if not samples:
            continue
        values = figures(samples, "value")
        cells = [name, number(median(values)), spread(values)]
        for other in others:
            found = ratio(samples, of_peer[other], "value")
            cells.append(f"{found[0]:.2f}" if found else "")
        if has_load:
            cells += [number(median(figures(samples, key))) for key in ["processor", "p50", "p99"]]
            cells.append(f"{median(figures(samples, 'load')):.0%}")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def memory(samples):
    lines = ["| peer | idle, MB | least - greatest | after the job, 64 workers, MB | least - greatest |",
             "| --- | --- | --- | --- | --- |"]
    idle_of, after_of = samples.get("start", {}), samples.get("job-64", {})
    for name in dict.fromkeys([*idle_of, *after_of]):
        cells = [name]
        for runs in [idle_of.get(name, []), after_of.get(name, [])]:
            values = figures(runs, "memory")
            cells += [f"{median(values):.1f}", spread(values)] if values else ["not run", ""]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def commands(result, available, bench):
    """How each server was started, and in which folder, with the port and the file left open."""
    lines = ["If the comment above a program names a folder, the program runs in it, else in the repository's folder. The "
             "paths start from the repository's folder.", "", "```text"]
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    for peer in available:
        runs = [("small", 2, 1000), ("post", 0, 1_000_000), ("job", 64, 1000), ("job", 2, 1000)]
        runs = runs if "tasks" in peer.offers else runs[:1] if "http" in peer.offers else []
        started = [peer.run_command("PORT", "FILE", consumers, length, name)[:2] for name, consumers, length in runs]
        if "engine" in peer.offers:
            started += [(peer.engine_command(*words), root)
                        for words in [("call", 1_000_000), ("state", 10_000), ("memory", 1000)]]
        last = None
        for command, folder in started:
            line = " ".join(["taskset", "-c", str(bench.cores[0]), *command]).replace(root + "/", "")
            if line in lines:
                continue
            if folder != last:
                where = "" if folder == root else f", in {os.path.relpath(folder, root)}"
                lines.append(f"# {peer.name}{where}")
                last = folder
            lines.append(line)
    counts = result["counts"]
    lines.append("# the load")
    for target in [f"{counts['small']} 200 GET /small", f"{counts['posts']} 202 POST /tasks '{BODY}'",
                   f"{counts['tasks']} 202 POST /tasks '{BODY}'", f"{counts['lists']} 200 GET /tasks"]:
        lines.append(f"taskset -c {bench.cores[1]} .build/benchmarks/bin/load PORT {CONNECTIONS} {target}")
    return lines + ["```"]


METHOD = f"""\
- The server has one core (`taskset`). The load generator has another, together with the observer: a process that reads
  the database. Each run has a new process with a database of its own. In each round every peer runs each of its
  scenarios, and the order of the peers changes from round to round. A figure is the median of the runs.
- A check before the first run shows that all servers give the same answers to some right and wrong requests, and that
  the database uses WAL and has an index on `created_at`. The servers also have this in common: ids are UUIDs of
  version 4, SQLite makes a checkpoint every 4,000 pages, and `synchronous` is NORMAL where nothing else is said below.
  The limits on heads, bodies and connections are about the same. No server logs requests.
- In the job, a queue in memory holds 1,000 tasks. A publisher waits up to 5 s for room, and then gets 503. In the other
  scenarios the queue has room for all tasks.
- **wippy-swift** is the application of this repository, with handlers in Swift and its queue in memory. Its small JSON
  answer comes from another program, `Tests/Probe`.
- **floor** is one Swift file over libuv and SQLite's C interface. It commits in groups, and has no framework.
- **go** uses net/http, a channel and database/sql, with a prepared statement on the one connection that writes. Each
  row has a commit of its own, because database/sql does not group commits.
- **durable** is wippy-swift with the queue in its database and `durability: full`. When it answers 202, the task is on
  the disk.
- **go-table** is **go** with the queue in a table and `synchronous` FULL. To accept a task, to claim it and
  to remove it are three statements, each with a commit of its own. It gets a tenth of the tasks.
- **nginx** answers requests and queues tasks by code in Lua. Its queue is in the worker's memory. It has no database.
- **lua** is wippy-swift with each handler in Lua, in states of Lua 5.4. In the tables with **c-host** it is a program
  around the target `LuaEngine` alone.
- **c-host** is a program in C around Lua that runs the same script. The tables with **c-host** have the processor time
  and the memory of a process without a server.
- The load has {CONNECTIONS} connections that stay open, with one request at a time on each; *one client alone* has one
  connection. One thread makes the load (`Tests/Benchmarks/Load`). The generator is fast enough while the column *load
  generator busy* is below 100 %.
- *The job* is the whole work: tasks are accepted by POST, and workers handle them and store the results. Its time goes
  from the first POST until another process sees the last row. A client that gets 503 sends its request again.
- *p50* and *p99*: half of the answers came within the first time, and 99 of 100 within the second. 65,535 us stands for
  every longer time too.
- *Server's processor* is the processor time that the server used for one request or task. It depends less on other
  work of the machine than elapsed time does.
- The memory is the resident memory one second after the first answer, and one second after the job.
"""


def markdown(result, available, bench):
    host, samples = result["machine"], result["samples"]
    kind = "quick run" if result["is_quick"] else "run"
    lines = ["# Benchmarks", "",
             "For whoever compares wippy-swift with other servers. The [glossary](glossary.md) explains the words. "
             "`make bench-quick` writes this page. `Tests/Benchmarks/bench.py` writes it too, and measures for a longer "
             "time. A *peer* is a program that is measured; [How](#how) describes each. Compare the ratios, because the "
             "figures themselves hold for one machine and one day.", "",
             f"This was a {kind} of {result['rounds']} rounds. It took {result['seconds'] / 60:.1f} minutes.", "",
             "## Goals", "",
             *goals(samples), ""]
    if host["load_average"] > 0.7:
        lines += [f"The machine was not idle: its load average was {host['load_average']:.1f} before the first run.", ""]
    lines += ["## Figures", ""]
    for name, title, unit, _, _ in ALL:
        if samples.get(name):
            lines += [f"### {title}", "", *table(samples[name], unit), ""]
    lines += ["### Memory", "", *memory(samples), "", "## How", "", METHOD]
    lines += ["## Machine and versions", "",
              f"{host['processor']}, {host['cores']} cores, {host['memory']}; {host['system']}, kernel {host['kernel']}; "
              f"database on {host['file_system']}; SQLite {host['sqlite']}. Server on core {host['server_core']}, load on "
              f"core {host['load_core']}.", "", "| peer | version |", "| --- | --- |"]
    lines += [f"| {name} | {version} |" for name, version in result["versions"].items()]
    lines += [f"| {name} | not run: {reason.splitlines()[0]} |" for name, reason in result["missing"].items()]
    lines += ["", "## Commands", "", *commands(result, available, bench)]
    return "\n".join(lines) + "\n"
