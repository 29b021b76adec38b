"""The raw cases of Tests/HTTPCases, whose README.md describes the form of the files; and every byte in every place."""
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


LETTERS = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
TOKEN = set(LETTERS + b"!#$%&'*+-.^_`|~")
HOST = set(LETTERS + b"!$&'()*+,-.;=_~")
TARGET = set(range(0x21, 0x7F)) - set(b"#%")
VALUE = {0x09, *range(0x20, 0x7F), *range(0x80, 0x100)}
BLANK = set(b"\t ")

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"\r\n\r\n"

#: Places for any byte: what stands before and after it, which bytes are taken there, and which are not tried since they
#: would make a body longer.
PLACES = [
    ("a method", b"G", b"T / HTTP/1.1\r\nHost: a" + END, TOKEN, ()),
    ("a target", b"GET /a", b"b HTTP/1.1\r\nHost: a" + END, TARGET, ()),
    ("a version", b"GET / HTTP/1.", b"\r\nHost: a" + END, set(b"0123456789"), ()),
    ("the place after a version", b"GET / HTTP/1.1", b"\r\nHost: a" + END, (), ()),
    ("a host", b"GET / HTTP/1.1\r\nHost: a", b"b" + END, HOST, ()),
    ("the place after a host", b"GET / HTTP/1.1\r\nHost: a", END, HOST | BLANK | set(b":"), ()),
    ("a name", GET + b"X", b"A: b" + END, TOKEN | set(b":"), ()),
    ("the place before a name", GET, b"X-A: b" + END, TOKEN, ()),
    ("the place before a colon", GET + b"X-A", b": b" + END, TOKEN | set(b":"), ()),
    ("a value", GET + b"X-A: b", b"c" + END, VALUE, ()),
    ("the place before a value", GET + b"X-A:", b"c" + END, VALUE, ()),
    ("the place before a length", POST + b"Content-Length:", b"0" + END, BLANK | set(b"0"), LETTERS[1:10]),
    ("the place after a length", POST + b"Content-Length: 0", END, BLANK | set(b"0"), LETTERS[1:10]),
    ("the place before a coding", POST + b"Transfer-Encoding:", b"chunked" + END + b"0" + END, BLANK, ()),
    ("the place after a coding", POST + b"Transfer-Encoding: chunked", END + b"0" + END, BLANK, ()),
    ("the place before a size", CHUNKED, b"0" + END, set(b"0"), b"123456789abcdefABCDEF"),
    ("the place after a size", CHUNKED + b"0", END, set(b"0"), b"123456789abcdefABCDEF"),
    ("the place after a chunk", CHUNKED + b"1\r\n!", b"\r\n0" + END, (), ()),
    ("an extension", CHUNKED + b"0;a", b"b" + END, TOKEN | set(b"=;"), ()),
    ("a quoted value", CHUNKED + b'0;a="b', b'c"' + END, VALUE - set(b'"'), ()),
    ("the place after the last chunk", CHUNKED + b"0\r\n", b"\r\n", (), ()),
    ("a trailer's name", CHUNKED + b"0\r\nX", b"A: b" + END, TOKEN | set(b":"), ()),
    ("a trailer", CHUNKED + b"0\r\nX-A: b", b"c" + END, VALUE, ()),
]


def every_byte():
    """A case for each byte at each of the places."""
    for title, before, after, taken, left_out in PLACES:
        begin = [b"POST /"] if before.startswith(CHUNKED) else []
        if before.endswith(b"!"):
            begin.append(b"body !")
        for byte in range(0x100):
            if byte in left_out:
                continue
            data = before + bytes([byte]) + after
            head = begin or [b" ".join(data.split(b" ")[:2])]
            events = head + [b"end"] if byte in taken else begin + [b"400"]
            yield Case("cases.py", f"byte {byte:#04x} in {title}", data, events)


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
