#!/usr/bin/env python3
"""Tests the built applications at their edges: from outside, over real sockets, with real files and signals.

usage: edge.py [PART ...] [--rounds N] [--edits N] [--kills N] [--seed N]

Parts, all of them unless some are named:
  raw        every case of Tests/HTTPCases, whole and in pieces of one to three bytes
  json       bodies of JSON, well and badly formed
  slow       clients that are slow, many, or gone
  stop       SIGTERM under load (--rounds, 20 unless written)
  end        how a program ends: signals, builds, standard error that nobody reads, too few descriptors or threads
  scale      what many entries cost, by the instructions that valgrind counts
  reload     SIGHUP: routes, limits, timeouts and addresses change while connections are open
  reload-load   SIGHUP under load: random edits, valid and broken (--edits, 100 unless written)
  reload-scale  what one changed route of 20,000 costs
  databases  SQLite locked, full, read-only; statements that fail; transactions left idle
  secrets    a secret wherever a text can stand, and every command
  durable    the durable queue: killed, shared by two processes, on a full disk
  shared     two processes on one file of durable queues, killed under load (--kills, 8 unless written)
  queue      the command `queue`: on a running application, on a stopped one's file, where several run
  hostile    scripts in Lua that want to run for ever, to have all memory, or to get out
  schema     the JSON Schema of definition files, by a public validator (--seed)

EDGE_BUILD names the folder of the built products, EDGE_PATIENCE multiplies the limits of time: for the sanitizers.
Prints what fails, then 'N passed, M failed'; the exit status is 0 only if nothing failed.
"""
import argparse
import importlib
import sys
import time

import support

PARTS = {"raw": "raw", "json": "json_bodies", "slow": "slow_clients", "stop": "stopping", "end": "ending",
         "scale": "scaling", "reload": "reloading", "reload-load": "reload_load", "reload-scale": "reload_scale",
         "databases": "databases", "secrets": "secret_texts", "durable": "durable_queue",
         "shared": "shared_queue", "queue": "queue_commands",
         "schema": "schema", "hostile": "hostile"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for part in arguments.parts:
        if part not in PARTS:
            parser.error(f"no part '{part}': the parts are {', '.join(PARTS)}")
    tally = support.Tally()
    for part in arguments.parts or PARTS:
        begin, passed, failed = time.monotonic(), tally.passed, tally.failed
        importlib.import_module(PARTS[part]).run(tally, arguments)
        print(f"{part:10} {tally.passed - passed:5} passed, {tally.failed - failed} failed"
              f"  in {time.monotonic() - begin:.1f} s", flush=True)
    for report in support.REPORTS:
        tally.check("no application is reported by a sanitizer", False, report)
    print(tally.summary())
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
