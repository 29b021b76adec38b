"""Stops of queues: whatever a topology accepted is stored when the application has ended.

Each round makes a project of its own at random: a server, processes that publish to the last moment, a chain of queues
with a cycle in it, handlers that fail at first, messages that only the dead-letter queue takes; and the file names its
entries in random order. The application is told to stop while messages are everywhere.
"""
import contextlib
import json
import os
import random
import signal
import sqlite3
import tempfile
import threading
import time

from slow_clients import figure
from support import PATIENCE, Application, meanwhile, post

SERVER = """
  - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
  - {name: router, kind: http.router, meta: {server: gateway}}
  - {name: enqueue, kind: function.swift, handler: Enqueue, uses: {next: q0}}
  - {name: enqueue.endpoint, kind: http.endpoint, meta: {router: router}, method: POST, path: /tasks, func: enqueue}
  - {name: db, kind: db.sql.sqlite, file: "%s", lifecycle: {auto_start: true}}
  - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
  - {name: host, kind: process.host, lifecycle: {auto_start: true}}
"""
QUEUE = """
  - {{name: {name}, kind: queue.queue, driver: memory, retry: {{initial_delay: {delay}ms, max_delay: 400ms}},
     driver_options: {{memory: {{max_length: 10000}}}}{more}}}
"""
CONSUMER = """
  - {{name: {name}, kind: queue.consumer, queue: {queue}, func: {function}, concurrency: {workers},
     lifecycle: {{auto_start: true}}}}
"""
RELAY = """
  - {{name: {name}, kind: function.swift, handler: Relay, uses: {{next: {next}, again: {again}}},
     config: {{wait: {wait}ms, failures: {failures}, rounds: {rounds}}}}}
"""
PROCESS = """
  - {{name: word{number}, kind: process.swift, handler: LastWord, uses: {{next: {queue}}}, config: {{last: {last}}}}}
  - {{name: word{number}.service, kind: process.service, process: word{number}, host: host,
     lifecycle: {{auto_start: true}}}}
"""
KEEP = "\n  - {name: keep, kind: function.swift, handler: Keep, uses: {db: db}}\n"


class Topology:
    """A chain of queues q0 to the last; relay i takes from queue i and publishes to the next, the last are kept."""

    def __init__(self, chance, database):
        length = chance.randint(1, 5)
        cycle = chance.randrange(length)
        self.words = []
        texts = [SERVER % database, KEEP]
        for number in range(length + 1):
            last = number == length
            dead = "" if last else ", dead_letter: {queue: dead, max_attempts: 4}"
            texts.append(QUEUE.format(name=f"q{number}", delay=chance.choice([1, 20, 100]), more=dead))
            for twin in range(chance.choice([1, 1, 2])):
                texts.append(CONSUMER.format(name=f"c{number}{'ab'[twin]}", queue=f"q{number}",
                                             function="keep" if last else f"relay{number}",
                                             workers=chance.choice([2, 4, 32])))
            if not last:
                texts.append(RELAY.format(
                    name=f"relay{number}", next=f"q{number + 1}", again=f"q{chance.randint(0, number)}",
                    wait=chance.choice([0, 1, 5]), failures=chance.choice([0, 0, 1, 2]),
                    rounds=chance.choice([1, 3]) if number == cycle and chance.random() < 0.7 else 0))
        texts.append(QUEUE.format(name="dead", delay=1, more=""))
        texts.append(CONSUMER.format(name="dead.consumer", queue="dead", function="keep", workers=2))
        for number in range(chance.randint(0, 2)):
            last = chance.choice([1, 20])
            texts.append(PROCESS.format(number=number, queue=f"q{chance.randint(0, length)}", last=last))
            self.words += [f"probe:word{number}-last-{index}" for index in range(last)]
        chance.shuffle(texts)
        self.text = 'version: "1.0"\nnamespace: probe\n\nentries:' + "".join(texts)


def round_of_queues(tally, number, seed):
    """SIGTERM while messages are in every queue of a random topology."""
    chance = random.Random(f"queues-{seed}-{number}")
    title = f"queues, round {number} of seed {seed}"
    with tempfile.TemporaryDirectory(prefix="wippy-edge-") as folder:
        database = os.path.join(folder, "kept.db")
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE kept (id TEXT PRIMARY KEY)")
        topology = Topology(chance, database)
        os.mkdir(os.path.join(folder, "src"))
        with open(os.path.join(folder, "src", "_index.yaml"), "w", encoding="utf-8") as file:
            file.write(topology.text)
        with Application(project=folder) as application:
            accepted = []
            senders = [threading.Thread(target=send, args=(application, accepted, f"{name}-{number}"), daemon=True)
                       for name in "ab"]
            for sender in senders:
                sender.start()
            meanwhile(chance.uniform(0.05, 0.4))
            begin = time.monotonic()
            application.signal(chance.choice([signal.SIGTERM, signal.SIGINT]))
            try:
                status = application.process.wait(31 * PATIENCE)
            except Exception:  # noqa: BLE001, the time is over
                status = None
            elapsed = time.monotonic() - begin
            for sender in senders:
                sender.join()
            log = application.text()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            kept = {row[0] for row in connection.execute("SELECT id FROM kept")}
        lost = [name for name in accepted + topology.words if name not in kept]
        tally.check(f"{title}: exit status 0", status == 0, f"{status} after {elapsed:.1f} s\n{log[-2000:]}")
        tally.check(f"{title}: nothing is lost", not lost and "lost when the process ends" not in log,
                    f"{len(lost)} of {len(accepted)}: {lost[:5]}\n{topology.text}\n{log[-3000:]}")
        figure(f"{title}: {len(accepted)} accepted, stopped in {elapsed:.2f} s")


def send(application, accepted, name):
    """Publishes until the application stops; every seventh message is poison."""
    try:
        with application.connect() as client:
            for number in range(150):
                body = {"id": f"{name}-{number}", "isPoison": number % 7 == 3}
                response = client.exchange(post(json.dumps(body).encode(), "/tasks"))
                if response is None or response.status != 202:
                    return
                accepted.append(body["id"])
    except (OSError, EOFError):
        return
