#!/usr/bin/env python3
"""Measures the task queue beside its peers and writes docs/benchmarks.md.

usage: bench.py [--quick] [--only SCENARIO ...] [--peers PEER ...] [--rounds N] [--output FILE]
                [--built FOLDER]

Every round runs each scenario with every peer, one after the other, in an order that turns with the round; the figures
are medians over the rounds. A run with --only or --peers writes its report below .build instead.
"""
import argparse
import json
import os
import shutil
import sys
import time

import peers
import report
import scenarios


class Bench:
    """What every run needs to know."""

    def __init__(self, is_quick):
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < 2:
            sys.exit("the benchmark needs two cores: one for the server, one for the load")
        self.cores = allowed[:2]
        # The observer shares the load's core and never the server's.
        os.sched_setaffinity(0, {self.cores[1]})
        self.small = 100_000 if is_quick else 300_000
        self.posts = 100_000 if is_quick else 200_000
        self.alone = 5_000 if is_quick else 20_000
        self.tasks = 50_000
        self.lists = 4_000 if is_quick else 20_000
        self.starts = 1 if is_quick else 5
        self.load = ""
        self.seed = ""


def prepared(everyone):
    """The peers that this machine has, and why it lacks the others."""
    available, missing = [], {}
    for peer in everyone:
        try:
            peer.prepare()
            available.append(peer)
        except peers.Unavailable as reason:
            missing[peer.name] = str(reason)
            print(f"{peer.name} is not run: {reason}", file=sys.stderr, flush=True)
    return available, missing


def measure(bench, available, wanted, rounds):
    """All samples: scenario, then peer, then one figure for each round."""
    samples = {scenario[0]: {peer.name: [] for peer in available if scenarios.runs(peer, scenario)}
               for scenario in wanted}
    for turn in range(rounds):
        for scenario in wanted:
            name, _, unit, _, run = scenario
            able = [peer for peer in available if scenarios.runs(peer, scenario)]
            if not able:
                continue
            order = able[turn % len(able):] + able[:turn % len(able)]
            for _ in range(bench.starts if name == "start" else 1):
                for peer in order:
                    sample = run(peer, bench)
                    samples[name][peer.name].append(sample)
                    print(f"{turn + 1}/{rounds} {name:10} {peer.name:12} {sample['value']:10,.1f} {unit}"
                          + (f"  {sample['processor']:8.2f} us of the server's processor" if "processor" in sample else ""),
                          file=sys.stderr, flush=True)
    return samples


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [scenario[0] for scenario in scenarios.ALL]
    everyone = ["wippy-swift", "durable", "lua", "c-host", "floor", "go", "go-table", "nginx"]
    parser.add_argument("--quick", action="store_true", help="fewer requests")
    parser.add_argument("--only", nargs="+", choices=names, help="these scenarios")
    parser.add_argument("--peers", nargs="+", choices=everyone, help="these peers")
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--output", help="where the report is written")
    parser.add_argument("--built", help="the folder of the built products; default: build them")
    arguments = parser.parse_args()

    if not shutil.which("taskset"):
        sys.exit("taskset is missing; on Debian it is in util-linux")
    os.makedirs(peers.BUILD, exist_ok=True)
    kinds = [peers.Product(arguments.built), peers.Durable(arguments.built), peers.Lua(arguments.built), peers.Host(),
             peers.Floor(), peers.Go(), peers.GoTable(), peers.Nginx()]
    if arguments.peers:
        kinds = [peer for peer in kinds if peer.name in arguments.peers]
    available, missing = prepared(kinds)
    bench = Bench(arguments.quick)
    bench.seed = scenarios.seed_file()
    wanted = [scenario for scenario in scenarios.ALL if not arguments.only or scenario[0] in arguments.only]
    try:
        bench.load = peers.load_generator()
        for peer in available:
            scenarios.check(peer, bench)
        machine = report.machine(bench, peers.ROOT)
        rounds = arguments.rounds
        begin = time.monotonic()
        samples = measure(bench, available, wanted, rounds)
    except (peers.Unavailable, scenarios.Failure) as failure:
        sys.exit(f"error: {failure}")
    result = dict(
        machine=machine, rounds=rounds, seconds=time.monotonic() - begin, is_quick=arguments.quick, missing=missing,
        versions={peer.name: peer.version for peer in available}, samples=samples,
        counts=dict(small=bench.small, posts=bench.posts, tasks=bench.tasks, lists=bench.lists))
    with open(os.path.join(peers.BUILD, "results.json"), "w", encoding="utf8") as file:
        json.dump(result, file, indent=2)
    is_whole = not arguments.only and not arguments.peers
    output = arguments.output or os.path.join(peers.ROOT, "docs", "benchmarks.md") if is_whole or arguments.output \
        else os.path.join(peers.BUILD, "report.md")
    os.makedirs(os.path.dirname(os.path.abspath(output)), exist_ok=True)
    with open(output, "w", encoding="utf8") as file:
        file.write(report.markdown(result, available, bench))
    print(f"{output} is written", file=sys.stderr)


if __name__ == "__main__":
    main()
