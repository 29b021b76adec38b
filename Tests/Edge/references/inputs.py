"""What the servers are given: requests of many shapes, most of them damaged."""
import random
import re

METHODS = [b"GET"] * 6 + [b"POST"] * 6 + rb"""
    PUT DELETE PATCH OPTIONS HEAD TRACE get M-SEARCH CONNECT PRI !#$%&'*+-.^_`|~09azAZ""".split()
#: The first of these, and of the lists after it, are what most requests have.
TARGETS = rb"""/ / / / /a /a/b?c=d&e /%41%2f%00 /a?%zz% / /a/ /a;b=c,d
    /% /%4 /%zz /a|b[c]{d}"e<f>^`\z /a#b /a?b#c * //a /a/../b /./ ?a a http://a http://a/ HTTP://A:80/b?c
    https://[::1]:8080/a http://[1::2::3]/ http://[1.2.3.4] http://[::zz]/ http://[fe80::1%25eth0]/ http://a?b
    http://u@a/ http:///a http://:80/ http://a:b/ http://a:/ http:/a ftp://a/ a:80 urn:a""".split() + [
    b"", b"/\x80", b"/\xc3\xa9", b"/a\tb", b"/a b", b"/" + b"a" * 300]
VERSIONS = [b"HTTP/1.1"] * 16 + [b"HTTP/1.0"] * 4 + rb"""
    HTTP/1.2 HTTP/1.9 HTTP/0.9 HTTP/2.0 http/1.1 HTTP/1.10 HTTP/01.1 HTTP/1 HTTP/1,1""".split() + [
    b"HTTP /1.1", b" HTTP/1.1", b"HTTP/1.1 ", b""]
HOSTS = [b"a"] * 8 + rb"""
    localhost:8080 [::1] [::1]:80 a: :80 a:b a,b a/b u@a %61 [::1 [] _a-b.c~!$&'()*+,;= [v1.a] a#b a?b""".split() + [
    b"", b"a b", b"a\x80", b"\\"]
NAMES = rb"""
    Connection Expect Trailer TE Upgrade Cookie Accept X x-a Pragma Cache-Control Keep-Alive Date User-Agent
    Proxy-Connection X_Y Content-Type Via !#$%&'*+-.^_`|~ Content_Length
    Host Content-Length Transfer-Encoding X:Y (X) HTTP2-Settings""".split() + [
    b"Transfer-Encoding ", b"Content-Length\t", b" Content-Length", b"\x00X", b"X\x80", b"", b"Host\x0b"]
VALUES = rb"""
    a close keep-alive Keep-Alive,Upgrade close,keep-alive ,close, chunked Chunked identity chunked;a=b
    0 5 05 +5 -1 5,6 0x5 1_0 5.0 18446744073709551616 000000000000000005 0000000000000000005 9223372036854775807
    100-continue 100-Continue h2c websocket trailers no-cache X-Trailer (a;b=c)""".split() + [
    b"", b"a close", b"a keep-alive", b"clos\xe9", b"chunked, chunked", b"gzip, chunked", b"\x0bchunked",
    b"chunked\x00", b"5, 5", b"5 5", b"\xd9\xa5", b"100-continue, a", b"a, 100-continue", b"Content-Length, X",
    b"caf\xc3\xa9", b"\xff\xfe", b"\xed\xa0\x80", b"a\tb  c", b'"a\\"b"', b"a: b", b"a\x01b", b"a\x7f", b"a\x00b",
    b"a\r", b"a\x0bb", b"a" * 200]
EXTENSIONS = [
    b"", b";a", b";a=b", b"; a = b", b';a="b"', b';a="b;\\"c"', b";a;b=c;d",
    b";", b";=b", b";a=", b';a="b', b",a", b" ;a", b";a ", b" ", b"\t", b';a="\x01"', b";a\x80", b';a="\xff"', b";a\rb",
    b";a\nb", b";a b", b";a=b c", b";" + b"a" * 100]
#: An input is no longer, so that what it is answered fits into the kernel's buffers.
BYTES_MAX = 32 << 10
#: What is put between other bytes.
BYTES = rb": ; , = / % # ? * [ ] @ 0 - + _ a ( HTTP/1.1 chunked".split() + [
    b'"', b"\\", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\n\n", b"\r\r\n", b"\0", b"\t", b" ", b"\x0b", b"\x0c", b"\x1f",
    b"\x7f", b"\x80", b"\x85", b"\xa0", b"\xff", b"0\r\n\r\n", b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n"]
LINE_ENDS = [b"\n", b"\r", b"\r\r\n", b"\n\r", b"", b"\r\n\r\n", b" \r\n", b"\r\n ", b"\r\n\t", b"\0\r\n", b"\x0b\r\n"]
BLANKS = [b"", b" ", b"\t", b"  ", b" \t", b"\x0b", b"\x0c", b"\xa0", b"\r\n "]
ZEROS = [b"0" * count for count in (13, 15, 16, 19)]


class Inputs:
    """The n-th depends on the seed and on n alone, and on the samples, which are requests that somebody wrote down."""

    def __init__(self, seed, samples):
        self.seed, self.samples = seed, samples

    def make(self, number):
        """The bytes of a connection, and how they are cut into pieces."""
        dice = random.Random(f"{self.seed}:{number}")
        data = b"".join(self.sample(dice) for _ in range(dice.choice((1, 1, 1, 2, 2, 3))))
        for _ in range(dice.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            data = dice.choice(MUTATIONS)(dice, data, self)[:BYTES_MAX]
        return data, cut(dice, data)

    def sample(self, dice):
        if dice.random() < 0.15:
            return dice.choice(self.samples)
        return large(dice) if dice.random() < 0.02 else request(dice)


def cut(dice, data):
    """The same bytes in up to eight pieces; sometimes, if they are few, in pieces of one byte."""
    if dice.random() < 0.05 and 0 < len(data) < 300:
        return [data[at:at + 1] for at in range(len(data))]
    count = min(dice.randint(1, 7), max(len(data) - 1, 0))
    places = [0, *sorted(dice.sample(range(1, len(data)), count)), len(data)] if count else [0, len(data)]
    return [data[start:end] for start, end in zip(places, places[1:])]


def request(dice):
    """A request that is well formed for the most part: where it is not depends on the parts that were drawn."""
    odd = dice.random() < 0.3
    method = dice.choice(METHODS)
    target = dice.choice(TARGETS) if odd else dice.choice(TARGETS[:11])
    version = dice.choice(VERSIONS) if odd else dice.choice(VERSIONS[:20])
    fields = [(b"Host", dice.choice(HOSTS) if odd else b"a")]
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        fields.append((dice.choice(NAMES if odd else NAMES[:19]), dice.choice(VALUES)))
    fields, body = with_body(dice, fields, odd)
    if body and dice.random() < 0.1:
        fields.append((b"Expect", b"100-continue"))
    if version == b"HTTP/1.0" and dice.random() < 0.5:
        fields.append((b"Connection", b"keep-alive"))
    if dice.random() < 0.3:
        dice.shuffle(fields)
    space = b" " if dice.random() < 0.9 else dice.choice((b"", b"\t", b"  ", b" \t "))
    head = [b"%s %s %s\r\n" % (method, target, version)]
    head += [b"%s:%s%s\r\n" % (name, space, value) for name, value in fields]
    return (b"\r\n" if dice.random() < 0.05 else b"") + b"".join(head) + b"\r\n" + body


def with_body(dice, fields, odd):
    form = dice.random()
    content = bytes(dice.choices(b"ab\r\n0;:5 GET/\x00\xff", k=dice.choice((0, 1, 5, 17, 60))))
    if form < 0.4:
        return fields, b""
    if form < 0.65:
        length = len(content) + (dice.choice((-1, 1, 10)) if dice.random() < 0.1 else 0)
        return fields + [(b"Content-Length", b"%d" % length)], content
    return fields + [(b"Transfer-Encoding", b"chunked")], chunks(dice, content, odd)


def chunks(dice, content, odd):
    pieces, position = [], 0
    while position < len(content):
        size = dice.randint(1, len(content) - position)
        pieces.append(content[position:position + size])
        position += size
    text = b""
    for piece in pieces + [b""]:
        size = dice.choice((b"%x", b"%x", b"%X", b"%03x")) % len(piece)
        if odd and dice.random() < 0.1:
            size = dice.choice((b"0x", b"+", b"-", b" ", b"", b"7fffffff", *ZEROS)) + size
        extension = dice.choice(EXTENSIONS if odd else EXTENSIONS[:7]) if dice.random() < 0.2 else b""
        text += size + extension + b"\r\n" + piece + (b"\r\n" if piece else b"")
    for _ in range(dice.choice((0, 0, 0, 1, 2)) if dice.random() < 0.5 else 0):
        text += b"%s: %s\r\n" % (dice.choice(NAMES if odd else NAMES[2:19]), dice.choice(VALUES))
    return text + b"\r\n"


def large(dice):
    """A request near or past a bound: ours, or one of the references'."""
    kind = dice.randrange(8)
    size = dice.choice((1000, 4040, 4096, 8185, 8192, 8200)) + dice.randint(-4, 4)
    head = b"POST / HTTP/1.1\r\nHost: a\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    if kind == 0:
        return b"GET /" + b"a" * size + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    if kind == 1:
        return head + b"X: " + b"a" * size + b"\r\n\r\n"
    if kind == 2:
        return head + b"X: y\r\n" * dice.randint(97, 101) + b"\r\n"
    if kind == 3:
        return head + b"Content-Length: %d\r\n\r\n" % size + b"a" * size
    if kind == 4:
        return chunked + b"1;%s\r\na\r\n" % (b"a" * size) + b"0\r\n\r\n"
    if kind == 5:
        return chunked + b"1;%s\r\na\r\n" % (b"a" * 500) * (size // 500) + b"0\r\n\r\n"
    if kind == 6:
        return chunked + b"a\r\n0123456789\r\n" * (size // 10) + b"0\r\n\r\n"
    return chunked + b"0\r\n" + b"X: %s\r\n" % (b"a" * (size // 8)) * 8 + b"\r\n"


def place(dice, data):
    """A position, more likely beside what delimits than inside of a word."""
    if dice.random() < 0.6 and (found := [match.end() for match in re.finditer(rb"[\r\n:;, /=]", data)]):
        return max(0, dice.choice(found) - dice.choice((0, 0, 1)))
    return dice.randint(0, len(data))


def span(dice, data):
    start = place(dice, data)
    return start, min(len(data), start + dice.choice((1, 1, 1, 2, 3, 8, 30)))


def insert(dice, data, _):
    at = place(dice, data)
    return data[:at] + dice.choice(BYTES) * dice.choice((1, 1, 1, 2, 3)) + data[at:]


def delete(dice, data, _):
    start, end = span(dice, data)
    return data[:start] + data[end:]


def replace(dice, data, _):
    start = place(dice, data)
    return data[:start] + dice.choice(BYTES) + data[start + 1:]


def flip(dice, data, _):
    at = dice.randrange(len(data)) if data else 0
    return data[:at] + bytes(byte ^ 1 << dice.randrange(8) for byte in data[at:at + 1]) + data[at + 1:]


def repeat(dice, data, _):
    start, end = span(dice, data)
    return data[:end] + data[start:end] * dice.choice((1, 1, 2, 50, 300)) + data[end:]


def change_lines(dice, data, _):
    """Doubles, drops, swaps or splits up lines."""
    lines = data.split(b"\r\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    kind = dice.randrange(6)
    if kind == 0:
        lines.insert(other, lines[one])
    elif kind == 1:
        lines.pop(one)
    elif kind == 2:
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == 3:
        lines.insert(one, b"%s:%s" % (dice.choice(NAMES), dice.choice((b"", b" ")) + dice.choice(VALUES)))
    elif kind == 4:
        lines[one] = dice.choice((b" ", b"\t", b"\r", b"\0")) + lines[one]
    else:
        lines[one:one + 1] = [lines[one]] * dice.choice((10, 100))
    return b"\r\n".join(lines)


def change_line_end(dice, data, _):
    end = dice.choice(LINE_ENDS)
    if dice.random() < 0.15:
        return data.replace(b"\r\n", end)
    lines = data.split(b"\r\n")
    at = dice.randrange(len(lines))
    return b"\r\n".join(lines[:at + 1]) + (end if at + 1 < len(lines) else b"") + b"\r\n".join(lines[at + 1:])


def change_blanks(dice, data, _):
    found = list(re.finditer(rb"[ \t]+|:|=|;", data))
    if not found:
        return data
    match = dice.choice(found)
    blank, word = dice.choice(BLANKS), match[0].strip(b" \t")
    return data[:match.start()] + dice.choice((blank + word, word + blank, blank + word + blank)) + data[match.end():]


def change_case(dice, data, _):
    found = list(re.finditer(rb"[A-Za-z]+", data))
    if not found:
        return data
    match = dice.choice(found)
    word = dice.choice((bytes.upper, bytes.lower, bytes.swapcase, bytes.title))(match[0])
    return data[:match.start()] + word + data[match.end():]


def change_number(dice, data, _):
    """Lengths, chunk sizes and versions: by one, by form, or beyond measure."""
    found = list(re.finditer(rb"[0-9]+", data))
    if not found:
        return data
    match = dice.choice(found)
    number, text = int(match[0][:100]), match[0]
    forms = [b"%d" % (number + 1), b"%d" % max(number - 1, 0), b"%x" % number, b"%s, %s" % (text, text),
             *(before + text for before in (b"0", b"+", b"-", b"0x", *ZEROS)), text + b" ", text + b";", b"", b"2000",
             b"9" * 25, b"f" * 16, b"8" + b"0" * 15, b"7" + b"f" * 15, b"1" + b"0" * 16, b"1" + b"0" * 18]
    return data[:match.start()] + dice.choice(forms) + data[match.end():]


def change_field(dice, data, _):
    """Puts another value in a field's place."""
    found = list(re.finditer(rb"(?<=\n)([^:\r\n]+):([^\r\n]*)", data))
    if not found:
        return data
    match = dice.choice(found)
    return data[:match.start(2)] + b" " + dice.choice(VALUES) + data[match.end():]


def splice(dice, data, inputs):
    """The beginning of one and the end of another."""
    other = inputs.sample(dice)
    return data[:place(dice, data)] + other[place(dice, other):]


def truncate(dice, data, _):
    return data[:place(dice, data)]


def follow(dice, data, inputs):
    return data + inputs.sample(dice)


MUTATIONS = [insert, insert, delete, replace, replace, flip, repeat, change_lines, change_lines, change_line_end,
             change_line_end, change_blanks, change_case, change_number, change_number, change_field, splice, truncate,
             follow]
