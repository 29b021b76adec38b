#!/usr/bin/env python3
"""Gives the same mutated bytes to our HTTP server, to h11 and to Go's net/http, and compares what they have read.

usage: fuzz_http.py [--seconds N] [--seed N] [--without-go] [--replay N] [--case FILE]

What our server accepts, the references must accept with the same method, target, fields, body and end; the exceptions
are listed with their reasons in references/differences.py. Our server must also answer exactly what the grammar in
references/grammar.py says, whole or in pieces alike.

Input number n depends on the seed and on n alone: --replay N with the seed that a run has printed makes it again, and
prints what each of the three has said, as --case does for the bytes of a file. A finding is made as short as possible
and printed as a case for Tests/HTTPCases.

EDGE_BUILD names the folder of the built products. The exit status is 0 without findings, 1 with some, 75 if h11 cannot
be installed.
"""
import argparse
import collections
import random
import re
import signal
import sys
import time

import cases
import support
from references import differences, go_server, grammar, h11_reader, inputs, ours

SKIPPED = 75
BATCH = 24


class Judge:
    """Lets all of them read inputs, and says what is wrong; to be used in `with`."""

    def __init__(self, go):
        self.go, self.server = go, None
        self.differences = differences.Differences()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in (self.server, self.go):
            if each:
                each.end()

    def findings(self, batch):
        """For each input, which is bytes and their pieces, what is wrong in a few words; None if nothing."""
        self.start()
        conversations = [[data] for data, _ in batch] + [pieces for _, pieces in batch]
        mine = ours.exchange(self.server.port, conversations)
        theirs = ours.exchange(self.go.port, [[data] for data, _ in batch]) if self.go else [None] * len(batch)
        found = [self.finding(data, whole, dripped, go)
                 for (data, _), whole, dripped, go in zip(batch, mine, mine[len(batch):], theirs)]
        if not any(found) or not self.server.has_ended():
            return found
        if len(batch) > 1:
            return [self.findings([each])[0] for each in batch]
        return [f"ours has ended with {self.server.process.returncode}"]

    def start(self):
        """Starts our server, if it is not there or has ended."""
        if self.server and self.server.process.poll() is not None:
            self.server.end()
            self.server = None
        if self.server is None:
            self.server = ours.Server()

    def finding(self, data, whole, dripped, go):
        answers = grammar.answers(data)
        found = ours.check(*whole, answers)
        if found is None and (found := ours.check(*dripped, answers)):
            found += ", in pieces"
        if found is None:
            found = self.differences.compare("h11", answers, *h11_reader.read(data))
        if found is None and go is not None:
            found = self.differences.compare("go", answers, *go_server.read(go[0]))
        return found

    def explain(self, data, pieces):
        """Prints what each has made of an input."""
        self.start()
        whole, dripped = ours.exchange(self.server.port, [[data], pieces])
        print("input:", case("as it is", data), sep="\n")
        print("the grammar says:")
        for answer in grammar.answers(data):
            print("   ", answer.status, answer.flaw or "accepted", *shown(answer.message), sep="  ")
        print(f"ours, whole ({whole[1]}):\n    {whole[0]!r}")
        print(f"ours, in {len(pieces)} pieces ({dripped[1]}):\n    {dripped[0]!r}")
        readings = [(h11_reader.prepare(), h11_reader.read(data))]
        if self.go:
            readings.append((self.go.version, go_server.read(ours.exchange(self.go.port, [[data]])[0][0])))
        for name, (requests, ending) in readings:
            print(f"{name} ({ending}):")
            for each in requests:
                print("   ", "whole" if each.is_complete else "incomplete", *shown(each), sep="  ")


def shown(message):
    return message.method.decode("latin-1"), message.target.decode("latin-1"), message.fields, bytes(message.body)


def case(title, data):
    """The bytes as a case of Tests/HTTPCases, with what the grammar says of them."""
    events = [event for answer in grammar.answers(data) for event in answer.events]
    lines = [f"== {title}", *map(escaped, re.findall(rb".*?\n|.+", data)), " | ".join(["--", *map(escaped, events)])]
    return "\n".join(lines).replace("-- | ", "-- ", 1)


def escaped(data):
    """Bytes as a line of a case."""
    text = re.sub(r"[^ -~]|\\", lambda match: ESCAPES.get(match[0], f"\\x{ord(match[0]):02X}"), data.decode("latin-1"))
    text = re.sub(r"^(?: |(==|<<|>>|--))", lambda match: f"\\x{ord(match[0][0]):02X}" + match[0][1:], text)
    return re.sub(r" $", r"\\x20", text)


ESCAPES = {"\r": r"\r", "\n": r"\n", "\t": r"\t", "\\": r"\\"}


def shortened(judge, data, pieces, found, seconds=20):
    """A shorter input with the same finding: lines, then ever smaller spans of bytes are left out."""
    end = time.monotonic() + seconds

    def is_same(shorter):
        if time.monotonic() > end:
            return False
        cuts = [[shorter[at:at + 1] for at in range(len(shorter))] or [b""], [shorter]] if "in pieces" in found \
            else [[shorter]]
        return any(judge.findings([(shorter, each)])[0] == found for each in cuts)

    size = len(data) // 2
    while size > 0:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size:]
            if is_same(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data


def run(judge, source, seconds):
    """Judges inputs for a while; returns how many there were, and the findings."""
    found, number, end = collections.OrderedDict(), 0, time.monotonic() + seconds
    while time.monotonic() < end and len(found) < 20:
        batch = [source.make(number + index) for index in range(BATCH)]
        for index, finding in enumerate(judge.findings(batch)):
            if finding is None:
                continue
            found[finding] = found.get(finding, 0) + 1
            if found[finding] == 1:
                report(judge, source.seed, number + index, finding, *batch[index])
        number += BATCH
    return number, found


def report(judge, seed, number, finding, data, pieces):
    print(f"FINDING  --seed {seed} --replay {number}: {finding}", flush=True)
    again = judge.findings([(data, pieces)])[0]
    if again == finding:
        print(case(finding, shortened(judge, data, pieces, finding)), flush=True)
    else:
        print(f"    the second time it was: {again}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--without-go", action="store_true")
    parser.add_argument("--replay", type=int, metavar="N")
    parser.add_argument("--case", metavar="FILE")
    arguments = parser.parse_args()
    # So that the servers end, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seed = random.SystemRandom().randrange(1 << 32) if arguments.seed is None else arguments.seed
    source = inputs.Inputs(seed, [case.data for case in cases.read()])
    try:
        versions = [h11_reader.prepare()]
    except differences.Unavailable as reason:
        print(f"SKIPPED: nothing was compared: {reason}")
        return SKIPPED
    go = None
    if not arguments.without_go:
        try:
            go = go_server.Go()
            versions.append(go.version)
        except differences.Unavailable as reason:
            print(f"without Go: {reason}", flush=True)
    with Judge(go) as judge:
        if arguments.replay is not None or arguments.case:
            return explain(judge, source, arguments)
        print(f"seed {seed}, {arguments.seconds:g} seconds, beside {' and '.join(versions)}", flush=True)
        begin = time.monotonic()
        count, found = run(judge, source, arguments.seconds)
        summarize(judge, count, found, time.monotonic() - begin)
        return 1 if found else 0


def explain(judge, source, arguments):
    """Prints what each says of one input, or of those of a file: bytes, or cases if its name ends so."""
    if arguments.replay is not None:
        chosen = [source.make(arguments.replay)]
    else:
        with open(arguments.case, "rb") as file:
            data = file.read()
        is_text = arguments.case.endswith(".txt")
        every = [each.data for each in cases.parse(data.decode(), arguments.case)] if is_text else [data]
        chosen = [(data, inputs.cut(random.Random(source.seed), data)) for data in every]
    findings = []
    for data, pieces in chosen:
        judge.explain(data, pieces)
        findings += judge.findings([(data, pieces)])
        print(f"finding: {findings[-1]}\n")
    return 1 if any(findings) else 0


def summarize(judge, count, found, seconds):
    names = ["h11", "go"] if judge.go else ["h11"]
    print("Differences with a reason:")
    for line in judge.differences.table(names):
        print(line)
    for finding, times in found.items():
        print(f"{times:8} x {finding}")
    print(f"{count} inputs in {seconds:.0f} s ({count / seconds:.0f} a second), {len(found)} findings")


if __name__ == "__main__":
    sys.exit(main())
