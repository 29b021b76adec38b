"""The raw cases of Tests/HTTPCases, whose README.md describes the form of the files."""
import collections
import os
import re

import support

FOLDER = os.path.join(support.ROOT, "Tests", "HTTPCases")

#: The limits that the cases are made for, as fields of a server.
LIMITS = ("limits.header_bytes=4096", "limits.header_fields=100", "limits.body=1000")

Case = collections.namedtuple("Case", "place title data events")

ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}


def read(folder=FOLDER):
    """Every case of every file; ValueError with its place for what is malformed."""
    cases = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".txt"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                cases += parse(file.read(), name)
    for title, count in collections.Counter(case.title for case in cases).items():
        if count > 1:
            raise ValueError(f"there are {count} cases with the title '{title}'")
    return cases


def parse(text, name):
    """The cases of one file's text."""
    cases, before, after, title, data = [], b"", b"", None, b""
    for number, line in enumerate(text.split("\n"), 1):
        mark, rest = line[:2], line[3:]
        try:
            if title is None and mark == "==" and rest:
                title, place, data = rest, f"{name}:{number}", b""
            elif title is None and mark == "<<":
                before = decode(rest)
            elif title is None and mark == ">>":
                after = decode(rest)
            elif title is None and (not line or line.startswith("# ")):
                pass
            elif title is not None and mark == "--":
                events = [decode(event) for event in rest.split(" | ")] if rest else []
                cases.append(Case(place, title, before + data + after, events))
                title = None
            elif title is not None and line and mark not in ("==", "<<", ">>"):
                data += decode(line)
            else:
                raise ValueError("this line does not belong here")
        except ValueError as error:
            raise ValueError(f"{name}:{number}: {error}") from None
    if title is not None:
        raise ValueError(f"{name}: the last case has no end")
    return cases


def decode(line):
    """The bytes that a line stands for."""
    if not re.fullmatch(r"|[!-~]|[!-~][ -~]*[!-~]", line):
        raise ValueError("white space at an edge, or a character that has to be escaped")
    return decode_until(line, 0, None)[0]


def decode_until(line, at, end):
    """The bytes from a place up to a character, and its place; or up to the line's end."""
    data = b""
    while at < len(line) and line[at] != end:
        if line[at] != "\\":
            data += line[at].encode()
            at += 1
        elif line[at + 1:at + 2] in ESCAPES:
            data += ESCAPES[line[at + 1]]
            at += 2
        elif line[at + 1:at + 2] == "{":
            unit, at = decode_until(line, at + 2, "*")
            count = re.compile(r"\*(\d+)\}").match(line, at)
            if not count:
                raise ValueError("a repetition without its count")
            data += unit * int(count[1])
            at = count.end()
        else:
            byte = re.compile(r"\\x([0-9A-Fa-f]{2})").match(line, at)
            if not byte:
                raise ValueError("an escape that there is not")
            data += bytes.fromhex(byte[1])
            at = byte.end()
    return data, at
