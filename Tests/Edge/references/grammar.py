"""What our server takes, as its manual says it: requests out of bytes by regular expressions, and nothing else.

`answers` says what the server has to answer to the bytes of a connection. It is the middle of every comparison: our
server must answer exactly so, and the references must read each accepted request in the same way. Where something is
refused, the flaw's name says why in a way that the lists of differences (`differences.py`) can be precise about.
"""
import re
import urllib.parse

import cases

#: The limits that the server under test is started with.
HEAD_BYTES, HEAD_FIELDS, BODY_BYTES = (int(limit.partition("=")[2]) for limit in cases.LIMITS)
#: The server's own bounds of a message's trailer section and of its chunk extensions.
TRAILER_BYTES, EXTENSION_BYTES = 8192, 8192
#: An unread body of up to so many bytes is dropped to keep the connection.
DRAINED_BYTES = 64 << 10

CONTROL = "the request holds a control character, or a line that does not end with CR LF"
LINE = "the request line must be a method, a target and a version"
FIELD = "a header line must be a name, a colon and a value"
TARGET = "the request target is invalid"
VERSION = "the version is not of the form HTTP/1.1"
LENGTH = "the Content-Length header is invalid"
CODING = "the server supports only the Transfer-Encoding 'chunked'"
CHUNKED = "the chunked body is malformed"

#: The status and the sentence that each flaw is answered with.
REFUSALS = {
    "incomplete": (400, "the request is incomplete"),
    "bare LF": (400, CONTROL),
    "bare CR": (400, CONTROL),
    "control character": (400, CONTROL),
    "control character in a value": (400, CONTROL),
    "target too long": (414, "the request target is too long"),
    "fields too large": (431, "the headers are too large"),
    "too many fields": (431, "there are too many headers"),
    "line end before a request": (400, CONTROL),
    "second empty line": (400, LINE),
    "request line": (400, LINE),
    "method": (400, "the method is invalid"),
    "version": (400, VERSION),
    "preface of HTTP/2": (400, "the server supports only HTTP/1.1 and HTTP/1.0"),
    "other version": (400, "the server supports only HTTP/1.1 and HTTP/1.0"),
    "CONNECT": (400, TARGET),
    "asterisk": (400, TARGET),
    "target character": (400, TARGET),
    "target form": (400, TARGET),
    "target authority": (400, TARGET),
    "target encoding": (400, TARGET),
    "folded line": (400, FIELD),
    "blank in a name": (400, FIELD),
    "field line": (400, FIELD),
    "Host missing": (400, "the Host header is missing"),
    "Host missing, later minor version": (400, "the Host header is missing"),
    "Host repeated": (400, "there is more than one Host header"),
    "Host": (400, "the Host header is invalid"),
    "Content-Length": (400, LENGTH),
    "Content-Length repeated": (400, LENGTH),
    "Content-Length list": (400, LENGTH),
    "Content-Length of many digits": (400, LENGTH),
    "Transfer-Encoding": (400, CODING),
    "Transfer-Encoding, HTTP/1.0": (400, CODING),
    "chunked, HTTP/1.0": (400, "an HTTP/1.0 request cannot have Transfer-Encoding"),
    "length and coding": (400, "a request cannot have both Content-Length and Transfer-Encoding"),
    "expectation": (417, "the server supports only the expectation '100-continue'"),
    "body too large": (413, "the request body is too large"),
    "chunk size": (400, CHUNKED),
    "chunk size of many digits": (400, CHUNKED),
    "blank after chunk size": (400, CHUNKED),
    "chunk line end": (400, CHUNKED),
    "chunk extension": (400, CHUNKED),
    "control character in chunk extension": (400, CHUNKED),
    "chunk extensions too long": (400, CHUNKED),
    "chunk end": (400, CHUNKED),
    "bare LF in trailers": (400, CONTROL),
    "bare CR in trailers": (400, CONTROL),
    "control character in trailers": (400, CONTROL),
    "control character in a value in trailers": (400, CONTROL),
    "folded line in trailers": (400, FIELD),
    "blank in a name in trailers": (400, FIELD),
    "field line in trailers": (400, FIELD),
    "trailers too large": (400, "the trailers are too large"),
    "framing in trailers": (400, "a trailer has the name of a header that belongs in the head"),
}

ROUTED = {b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE"}
NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
METHOD = re.compile(TOKEN)
FIELD_LINE = re.compile(rb"(%s):[ \t]*(.*?)[ \t]*" % TOKEN, re.DOTALL)
IN_VALUE = re.compile(rb"(?:%s:|[ \t])[^\x00\x0b\x0c]*" % TOKEN)
BLANK_IN_NAME = re.compile(rb"%s[ !#$%%&'*+.^_`|~0-9A-Za-z-]*:" % TOKEN)
HTTP_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[-._~!$&'()*+,;=0-9A-Za-z]*)(?::[0-9]*)?")
ABSOLUTE = re.compile(rb"(?i:https?)://([^/?]*)(.*)")
BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
UNCLEAN = re.compile(rb"//|/(?:\.|%2[eE]){1,2}(?:/|$)")
EXTENSION = (rb';[ \t]*%s(?:[ \t]*=[ \t]*(?:%s|"(?:[^\x00-\x08\x0a-\x1f\x7f"\\]|\\[^\x00-\x08\x0a-\x1f\x7f])*"))?'
             % (TOKEN, TOKEN))
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})((?:%s)*)\r\n" % EXTENSION)
FRAMING_FIELDS = {b"content-length", b"transfer-encoding", b"host", b"connection", b"expect"}


class Flaw(Exception):
    """Why a message is refused: a key of REFUSALS."""


class Message:
    """A request as the grammar reads it, and what has to be known of its bytes to explain a difference."""

    def __init__(self, start):
        self.start = self.end = start
        self.has_empty_line = False
        self.method = self.target = self.version = b""
        self.fields = []
        self.lengths, self.is_chunked = [], False
        self.keeps_alive = self.expects_continue = False
        self.body = b""
        #: What a reference's own bounds are about: each chunk line with the size after it, and the trailer section.
        self.chunk_lines, self.trailer_bytes = [], 0

    @property
    def path(self):
        found = ABSOLUTE.fullmatch(self.target)
        return (found[2] if found else self.target).partition(b"?")[0]

    @property
    def authority(self):
        """That of a target which is a URL; None for others."""
        found = ABSOLUTE.fullmatch(self.target)
        return found and found[1]

    def values(self, name):
        return [value for key, value in self.fields if key == name]


class Answer:
    """What our server has to answer: to `message`, which was accepted unless `status` is that of `flaw`.

    An accepted message has a flaw if that is in its body, which was not asked for: nothing is answered after it.
    """

    def __init__(self, message, status, flaw=None, text=None):
        self.message, self.status, self.flaw, self.text = message, status, flaw, text

    @property
    def events(self):
        """What a parser says, as the cases of Tests/HTTPCases have it."""
        said = []
        if self.message.version:
            said.append(self.message.method + b" " + self.message.target)
            if self.message.body:
                said.append(b"body " + self.message.body)
        said.append(b"end" if self.flaw is None else b"cut" if self.flaw == "incomplete" else
                    b"%d" % REFUSALS[self.flaw][0])
        return said

    @property
    def is_refusal(self):
        return self.text is not None

    @property
    def has_content(self):
        return not (self.message.method == b"HEAD" and self.message.version)

    @property
    def is_echo(self):
        return self.has_content and is_handled(self.message, self.status)


def answers(data):
    """What our server has to answer to a client that sends these bytes and then no more."""
    found, position = [], 0
    # An empty line, or its half, before a request that never comes is nothing.
    while data[position:] not in (b"", b"\r", b"\r\n"):
        message = Message(position)
        try:
            read_head(data, message)
        except Flaw as flaw:
            message.version = b""
            return found + [refusal(message, flaw)]
        status = status_of(message)
        flaw = None
        try:
            read_body(data, message)
        except Flaw as found_flaw:
            flaw = found_flaw
        if flaw is not None and is_handled(message, status):
            return found + [refusal(message, flaw)]
        found.append(Answer(message, status, flaw and str(flaw)))
        if flaw is not None or not message.keeps_alive or (
                not is_handled(message, status) and leaves_content_open(message)):
            break
        position = message.end
    return found


def refusal(message, flaw):
    status, text = REFUSALS[str(flaw)]
    return Answer(message, status, str(flaw), text)


def status_of(message):
    """What the application answers: its handler takes every clean path, and the server `*`."""
    if message.target == b"*":
        return 200
    if UNCLEAN.search(message.path):
        return 307
    if message.method not in ROUTED:
        return 405
    return 400 if leads_elsewhere(message.path) else 200


def leads_elsewhere(path):
    """Whether a path decodes to what the rest of a route may not hold: NUL, a dot part, an empty part but the last."""
    parts = urllib.parse.unquote_to_bytes(path[1:]).split(b"/")
    return any(b"\0" in part or part in (b".", b"..") for part in parts) or b"" in parts[:-1]


def is_handled(message, status):
    """Whether it is the handler that answers, which reads the content."""
    return status == 200 and message.target != b"*"


def leaves_content_open(message):
    """Whether an answer that does not ask for the content has to close the connection."""
    return message.expects_continue or sum(message.lengths) > DRAINED_BYTES


def lines(data, start, bound, too_large):
    """The lines of a section with the position after each, until the caller has enough."""
    position = start
    while True:
        found = NO_VALUE.search(data, position)
        at = found.start() if found else len(data)
        if at - start >= bound:
            raise Flaw(too_large())
        if not found:
            raise Flaw("incomplete")
        if data[at] == 10:
            raise Flaw("bare LF")
        if data[at] != 13:
            is_in_value = IN_VALUE.fullmatch(data, position, at + 1)
            raise Flaw("control character in a value" if is_in_value else "control character")
        if at + 1 == len(data):
            raise Flaw("incomplete")
        if data[at + 1] != 10:
            raise Flaw("bare CR")
        if at + 2 - start > bound:
            raise Flaw(too_large())
        yield data[position:at], at + 2
        position = at + 2


def read_head(data, message):
    section = lines(data, message.start, HEAD_BYTES,
                    lambda: "fields too large" if message.version else "target too long")
    line, message.end = first_line(section, data, message)
    if not line:
        message.has_empty_line = True
        line, message.end = first_line(section, data, message)
        if not line:
            raise Flaw("second empty line")
    read_request_line(line, message)
    for line, message.end in section:
        if not line:
            break
        message.fields.append(read_field_line(line))
        if len(message.fields) > HEAD_FIELDS:
            raise Flaw("too many fields")
    read_framing(message)


def first_line(section, data, message):
    try:
        return next(section)
    except Flaw as flaw:
        at = message.start + (2 if message.has_empty_line else 0)
        if str(flaw) in ("bare LF", "bare CR") and data[at] in b"\r\n":
            raise Flaw("line end before a request") from None
        raise


def read_request_line(line, message):
    method, space, rest = line.partition(b" ")
    if not method or not space:
        raise Flaw("request line")
    if not METHOD.fullmatch(method):
        raise Flaw("method")
    target, space, version = rest.partition(b" ")
    if not space:
        raise Flaw("request line")
    if not HTTP_VERSION.fullmatch(version):
        raise Flaw("version")
    if version[5:6] != b"1":
        raise Flaw("preface of HTTP/2" if line == b"PRI * HTTP/2.0" else "other version")
    check_target(method, target)
    message.method, message.target, message.version = method, target, version


def check_target(method, target):
    if method == b"CONNECT":
        raise Flaw("CONNECT")
    if not target or not all(0x21 <= byte <= 0x7e and byte != 0x23 for byte in target):
        raise Flaw("target character")
    if target == b"*":
        if method != b"OPTIONS":
            raise Flaw("asterisk")
        return
    path = target
    if not target.startswith(b"/"):
        found = ABSOLUTE.fullmatch(target)
        if not found:
            raise Flaw("target form")
        authority, path = found[1], found[2]
        if not authority or authority.startswith(b":") or not HOST.fullmatch(authority):
            raise Flaw("target authority")
    if BROKEN_ESCAPE.search(path.partition(b"?")[0]):
        raise Flaw("target encoding")


def read_field_line(line):
    found = FIELD_LINE.fullmatch(line)
    if not found:
        if line[:1] in (b" ", b"\t"):
            raise Flaw("folded line")
        raise Flaw("blank in a name" if BLANK_IN_NAME.match(line) else "field line")
    return found[1].lower(), found[2]


def read_framing(message):
    hosts = codings = 0
    options = set()
    for name, value in message.fields:
        if name == b"host":
            hosts += 1
            if not HOST.fullmatch(value):
                raise Flaw("Host")
        elif name == b"content-length":
            message.lengths.append(content_length(value, bool(message.lengths)))
        elif name == b"transfer-encoding":
            codings += 1
            if codings > 1 or value.lower() != b"chunked":
                raise Flaw("Transfer-Encoding, HTTP/1.0" if message.version == b"HTTP/1.0" else "Transfer-Encoding")
        elif name == b"connection":
            options.update(member.strip(b" \t").lower() for member in value.split(b","))
        elif name == b"expect":
            members = {member.strip(b" \t").lower() for member in value.split(b",")} - {b""}
            if members - {b"100-continue"}:
                raise Flaw("expectation")
            message.expects_continue |= bool(members)
    if hosts != 1 and not (hosts == 0 and message.version == b"HTTP/1.0"):
        missing = "Host missing" if message.version == b"HTTP/1.1" else "Host missing, later minor version"
        raise Flaw("Host repeated" if hosts else missing)
    if codings and message.version == b"HTTP/1.0":
        raise Flaw("chunked, HTTP/1.0")
    if codings and message.lengths:
        raise Flaw("length and coding")
    message.is_chunked = bool(codings)
    message.keeps_alive = b"close" not in options and (message.version != b"HTTP/1.0" or b"keep-alive" in options)
    if message.version == b"HTTP/1.0" or not (codings or sum(message.lengths)):
        message.expects_continue = False


def content_length(value, is_repeated):
    if is_repeated:
        raise Flaw("Content-Length repeated")
    if not value.isdigit():
        raise Flaw("Content-Length list" if b"," in value else "Content-Length")
    if len(value) > 18:
        raise Flaw("Content-Length of many digits")
    return int(value)


def read_body(data, message):
    if message.is_chunked:
        return read_chunks(data, message)
    length = sum(message.lengths)
    if length > BODY_BYTES:
        raise Flaw("body too large")
    message.body = data[message.end:message.end + length]
    message.end += length
    if message.end > len(data):
        raise Flaw("incomplete")


def read_chunks(data, message):
    position, extension_bytes, announced = message.end, 0, 0
    while True:
        found = CHUNK_LINE.match(data, position)
        if not found or int(found[1], 16) >> 63 or extension_bytes + len(found[2]) > EXTENSION_BYTES:
            raise Flaw(chunk_flaw(data, position, extension_bytes))
        position, size = found.end(), int(found[1], 16)
        extension_bytes += len(found[2])
        message.chunk_lines.append((len(found[0]) - 2, size))
        if size == 0:
            break
        announced += size
        if announced > BODY_BYTES:
            raise Flaw("body too large")
        message.body += data[position:position + size]
        position += size
        end = data[position:position + 2]
        if end != b"\r\n":
            raise Flaw("incomplete" if b"\r\n".startswith(end) else "chunk end")
        position += 2
    read_trailers(data, position, message)


def chunk_flaw(data, position, extension_bytes):
    """What is wrong with the chunk line here, found a byte at a time."""
    state, digits, quoted = "size", 0, False
    for at in range(position, len(data)):
        byte = data[at:at + 1]
        is_blank, is_token, is_control = byte in b" \t", METHOD.match(byte), NO_VALUE.match(byte)
        if state == "line feed":
            return "control character in chunk extension" if extension_bytes else "chunk line end"
        if state != "size":
            extension_bytes += 1
            if extension_bytes > EXTENSION_BYTES:
                return "chunk extensions too long"
        if state == "size" and byte in b"0123456789abcdefABCDEF":
            digits += 1
            if digits > 16 or int(data[position:at + 1], 16) >> 63:
                return "chunk size of many digits"
        elif state == "size" and (digits == 0 or byte not in b";\r"):
            if digits and is_blank:
                return "blank after chunk size"
            return "chunk line end" if digits and byte == b"\n" else "chunk size"
        elif quoted:
            if is_control:
                return "chunk line end" if byte == b"\n" else "control character in chunk extension"
            quoted = state == "pair" or byte != b'"'
            state = "pair" if state == "value" and byte == b"\\" else "value" if quoted else "end"
        elif byte == b"\r" and state in ("size", "name", "token", "end"):
            state = "line feed"
        elif byte == b";" and state in ("size", "name", "token", "end"):
            state = "name start"
        elif is_token and state in ("name start", "name"):
            state = "name"
        elif is_token and state in ("value start", "token"):
            state = "token"
        elif byte == b"=" and state in ("name", "after name"):
            state = "value start"
        elif byte == b'"' and state == "value start":
            state, quoted = "value", True
        elif is_blank and state in ("name start", "value start"):
            pass
        elif is_blank and state in ("name", "after name"):
            state = "after name"
        elif byte == b"\n":
            return "chunk line end"
        else:
            return "control character in chunk extension" if is_control else "chunk extension"
    return "incomplete"


def read_trailers(data, start, message):
    fields = []
    try:
        for line, position in lines(data, start, TRAILER_BYTES, lambda: "trailers too large"):
            if not line:
                break
            fields.append(read_field_line(line))
            if len(fields) > HEAD_FIELDS:
                raise Flaw("trailers too large")
    except Flaw as flaw:
        name = str(flaw)
        raise Flaw(name if name in ("incomplete", "trailers too large") else name + " in trailers") from None
    if any(name in FRAMING_FIELDS for name, _ in fields):
        raise Flaw("framing in trailers")
    message.end, message.trailer_bytes = position, position - start
