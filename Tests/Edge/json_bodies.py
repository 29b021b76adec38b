"""Bodies of JSON: each is answered with its value or with 400, and what a task says is stored as it was said.

Every case of Tests/JSONCases, and what is too large or too many for a table: nesting, long numbers and strings, many
keys, random values. Each as one piece and chunked in small ones, over connections that are kept.
"""
import glob
import json
import os
import random
import re
import sqlite3
import time

from support import PATIENCE, ROOT, Application, eventually, get, post

#: The most memory that an application may take for a body: bytes for all, and for each byte of a value, and of none.
MEMORY_AT_ALL, MEMORY_PER_BYTE, MEMORY_PER_REFUSED_BYTE = 40 << 20, 60, 12
#: A sanitizer's build takes many times the memory, and keeps what was freed.
MEASURES_MEMORY = PATIENCE == 1
BODY_LIMIT = 10 << 20
# The answer to a body that is no JSON, with the place.
INVALID = re.compile(rb'\{"column":\d+,"error":"invalid JSON","line":\d+,"reason":"([^"\\]|\\.)+"\}')


def run(tally, arguments):
    with Application("WippyProbe") as probe:
        conversation = Conversation(tally, probe)
        for title, text, written in table():
            check_table(tally, title, text, written)
            conversation.check(f"{title}: {text!r}", text, written)
        for title, text, written in numbers_and_nesting():
            conversation.check(title, text, written)
        check_large_bodies(tally, conversation, probe)
        check_round_trips(tally, conversation, random.Random(arguments.seed))
        check_linear_time(tally, conversation)
        conversation.client.close()
        tally.check("the application stops with status 0", probe.stop() == 0, probe.text()[-2000:])
    check_tasks(tally)


# The table

def table():
    """The cases of Tests/JSONCases: title, text, and the text of the value as it is written again or None."""
    for path in sorted(glob.glob(os.path.join(ROOT, "Tests", "JSONCases", "*.txt"))):
        with open(path, "rb") as file:
            title, text = "", b""
            for line in file.read().split(b"\n"):
                if line.startswith(b"== "):
                    title = line[3:].decode()
                elif line.startswith(b"-- "):
                    yield title, text, None if line.startswith(b"-- error at ") else unescaped(line[3:])
                    text = b""
                else:
                    text += unescaped(line)


def unescaped(line):
    return re.sub(rb"\\x([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), line)


def check_table(tally, title, text, written):
    """What the table says a text means must be what Python reads in it."""
    if written is not None:
        tally.check(f"the table agrees with Python on {text!r}", same(value(text), value(written)), f"{written!r}")


def value(text):
    """JSON as Python reads it; whole numbers below -2^63 and from 2^64 on become floats, as ours do."""
    return json.loads(text, parse_int=lambda digits: whole(int(digits)))


def whole(number):
    return number if -1 << 63 <= number < 1 << 64 else float(number)


def same(one, other):
    """Whether two values are equal, 1 and 1.0 too, but not 1 and true, nor 0.0 and -0.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return one == other and not isinstance(one, bool) and not isinstance(other, bool) \
            and str(float(one))[0] == str(float(other))[0]
    return type(one) is type(other) and one == other


# The conversation

class Conversation:
    """Bodies one after another on one connection, which every answer must keep."""

    def __init__(self, tally, application):
        self.tally, self.application = tally, application
        self.client = application.connect(60)

    def post(self, body, path="/repeat", is_chunked=False):
        if is_chunked:
            self.client.send(chunked(body, path))
        else:
            self.client.send(post(body, path))
        return self.client.response()

    def check(self, title, body, expected):
        """Sends a body in both framings; `expected` is the answer's text, None for 400, or a check of the answer."""
        for is_chunked in (False, True):
            form = "chunked" if is_chunked else "whole"
            try:
                response = self.post(body, is_chunked=is_chunked)
                problem = problem_of(response, expected)
            except (OSError, EOFError, ValueError, AttributeError) as error:
                problem = f"no answer: {error!r}"
                self.client.close()
                self.client = self.application.connect(60)
            self.tally.check(f"JSON, {form}: {title[:300]}", problem is None, problem)


def problem_of(response, expected):
    """What is wrong with an answer, or None."""
    if response is None:
        return "the connection was closed"
    text = response.body
    shown = f"{response.status} {text[:200]!r}"
    if response.closes:
        return f"the connection was not kept: {shown}"
    if response.field("content-type") != "application/json":
        return f"the media type is {response.field('content-type')}"
    if expected is None:
        return None if response.status == 400 and INVALID.fullmatch(text) else f"expected 400, got {shown}"
    if response.status != 200:
        return f"expected 200, got {shown}"
    fits = expected(text) if callable(expected) else text == expected
    return None if fits else f"another value: {shown}"


def chunked(body, path="/repeat"):
    """The bytes of a POST in chunks: of one to three bytes, and where the body is large also of more."""
    sizes = (1, 2, 3) if len(body) < 10_000 else (1, 2, 3, 61, 1000, 16_384)
    pieces = [b"POST " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"]
    at = turn = 0
    while at < len(body):
        piece = body[at:at + sizes[turn % len(sizes)]]
        pieces.append(b"%x\r\n%b\r\n" % (len(piece), piece))
        at, turn = at + len(piece), turn + 1
    pieces.append(b"0\r\n\r\n")
    return b"".join(pieces)


# More than a table holds

def numbers_and_nesting():
    digits = b"7" * 10_000
    yield "10,000 digits before the point are past every float", digits, None
    yield "10,000 digits before the point, negative", b"[-" + digits + b"]", None
    yield "10,000 digits after the point", b"0." + digits, b"0.7777777777777778"
    yield "10,000 digits after the point, negative", b"[-0." + digits + b"]", b"[-0.7777777777777778]"
    yield "10,000 digits before the point, brought back by the exponent", digits + b"e-9999", b"7.777777777777778"
    yield "10,000 digits on both sides of the point", b"-" + digits + b"." + digits + b"e-9999", b"-7.777777777777778"
    yield "10,000 zeros after the point, and an exponent", b"0." + b"0" * 10_000 + b"7e10001", b"7"
    yield "10,000 digits in the exponent", b"1e" + digits, None
    yield "10,000 digits in the exponent, negative", b"1e-" + digits, b"0"
    yield "10,000 digits in the exponent of zero", b"0e" + digits, b"0"
    yield "10,000 digits after a leading zero", b"0" + digits, None
    yield "10,000 digits that a letter ends", b"[" + digits + b"x]", None
    yield "10,000 digits that are cut off", b"[0." + digits, None
    for open, close in ((b"[", b"]"), (b'{"a":', b"}")):
        for middle in (b"", b"1"):
            if open != b"[" and not middle:
                continue
            yield f"{open!r} 128 deep", open * 128 + middle + close * 128, open * 128 + middle + close * 128
            yield f"{open!r} 129 deep", open * 129 + middle + close * 129, None
            yield f"{open!r} 500 deep", open * 500 + middle + close * 500, None
    mixed = b'[{"a":' * 64 + b"1" + b"}]" * 64
    yield "lists and maps 128 deep", mixed, mixed
    yield "lists and maps 129 deep", b"[" + mixed + b"]", None
    yield "many lists side by side are not deep", b"[" + b"[[]]," * 1000 + b"1]", b"[" + b"[[]]," * 1000 + b"1]"


def check_round_trips(tally, conversation, chance):
    """What Python writes, in any of its ways, is answered as the same value."""
    for turn in range(40):
        sent = [random_value(chance, 4) for _ in range(25)]
        text = json.dumps(sent, ensure_ascii=turn % 2 == 0, indent=[None, 2][turn % 4 // 2], sort_keys=turn % 3 == 0)
        body = text.encode()
        conversation.check(f"random values, turn {turn}", body, lambda answer: same(value(answer), value(body)))
    scalars = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000, 7)]))
    for ascii_only in (True, False):
        text = json.dumps([scalars], ensure_ascii=ascii_only).encode()
        conversation.check(
            f"every character of the first plane{', escaped' if ascii_only else ''}", text,
            lambda answer: json.loads(answer) == [scalars] and not re.search(rb"[\x00-\x1f]", answer))


def random_value(chance, depth):
    sort = chance.randrange(8 if depth else 6)
    if sort == 0:
        return chance.choice(
            [None, True, False, 0, -0.0, 5e-324, 1.7976931348623157e308, 2**63 - 1, -2**63, 2**63, 1e16])
    if sort == 1:
        return chance.randrange(-2**chance.randrange(1, 64), 2**chance.randrange(1, 64))
    if sort == 2:
        return chance.uniform(-1, 1) * 10.0**chance.randrange(-300, 300)
    if sort == 3:
        return chance.random()
    if sort in (4, 5):
        return random_text(chance)
    if sort == 6:
        return [random_value(chance, depth - 1) for _ in range(chance.randrange(6))]
    return {random_text(chance): random_value(chance, depth - 1) for _ in range(chance.randrange(20))}


def random_text(chance):
    bounds = chance.choice([(0, 0x80), (0, 0x20), (0x20, 0x7F), (0x80, 0xD800), (0xE000, 0x10000), (0x10000, 0x110000)])
    return "".join(chr(chance.randrange(*bounds)) for _ in range(chance.choice([0, 1, 3, 8, 16, 40])))


def large_bodies():
    """Titles, bodies and what is expected of them."""
    two_million = 2_000_000
    yield "2 MB of '['", b"[" * two_million, None
    yield "2 MB of '{\"a\":'", b'{"a":' * (two_million // 5), None
    yield "2 MB of '[{\"\":'", b'[{"":' * (two_million // 5), None
    yield "1 MB of '[' and as many ']'", b"[" * (two_million // 2) + b"]" * (two_million // 2), None
    yield "2 MB of maps with closers", b'{"a":' * (two_million // 6) + b"1" + b"}" * (two_million // 6), None
    yield "2 MB of ']'", b"]" * two_million, None
    yield "2 MB of '\"'", b'"' * two_million, None
    yield "2 MB of commas", b"[" + b"," * two_million, None
    yield "2 MB of minus", b"-" * two_million, None
    yield "2 MB of NUL", b"\0" * two_million, None
    yield "2 MB of white space", b" \t\r\n" * (two_million // 4), None
    yield "2 MB of white space around a value", b" " * two_million + b"1" + b"\n" * 1000, b"1"
    yield "2 MB of a byte that no text has", b"\xff" * two_million, None
    yield "a number of 2 MB", b"9" * two_million, None
    yield "a fraction of 2 MB", b"0." + b"3" * two_million, b"0.3333333333333333"
    yield "an exponent of 2 MB", b"1e-" + b"9" * two_million, b"0"
    plain = b'"' + b"x" * (4 << 20) + b'"'
    yield "a string of 4 MB", plain, plain
    escaped = b'"' + rb"\n\t\"\\" * (1 << 19) + b'"'
    yield "a string of 4 MB in short escapes", escaped, escaped
    yield "a string of 3 MB in escapes by number", b'"' + rb"\u00e9" * (1 << 19) + b'"', \
        b'"' + "é".encode() * (1 << 19) + b'"'
    yield "a string of 3 MB in pairs of escapes", b'"' + rb"\ud83d\ude00" * (1 << 18) + b'"', \
        b'"' + "\U0001F600".encode() * (1 << 18) + b'"'
    control = b'"' + rb"\u0001" * (1 << 19) + b'"'
    yield "a string of 3 MB of control characters", control, control
    wide = b'"' + "\U0001F600é\u20ac".encode() * (1 << 18) + b'"'
    yield "a string of 2 MB past ASCII", wide, wide
    yield "a string of 2 MB that ends in half a character", b'"' + "é".encode() * 1_000_000 + b'\xc3"', None
    yield "a string of 2 MB that is not ended", b'"' + b"x" * two_million, None
    yield "a string of 2 MB with half a pair at its end", b'"' + b"x" * two_million + rb'\ud800"', None
    keys = pairs(range(100_000))
    yield "100,000 keys", keys, lambda answer: json.loads(answer) == json.loads(keys)
    yield "100,000 keys, the last one repeated", keys[:-1] + b',"key0000099999":1}', None
    yield "100,000 equal keys", b"{" + b",".join([b'"a":1'] * 100_000) + b"}", None
    yield "100,000 keys that are not UTF-8 in the end", keys[:-1] + b',"\xff":1}', None
    at_limit = b'"' + b"x" * (BODY_LIMIT - 2) + b'"'
    yield "a body of 10 MiB, as large as one may be", at_limit, at_limit
    zeros = b"[" + b"0," * (BODY_LIMIT // 2 - 2) + b"0]"
    yield "10 MiB of the smallest values", zeros, zeros
    lists = b"[" + b"[0]," * (two_million // 4) + b"0]"
    yield "2 MB of the smallest lists", lists, lists
    maps = b"[" + b'{"":0},' * (BODY_LIMIT // 7 - 2) + b"0]"
    yield "10 MiB of the smallest maps", maps, maps


def check_large_bodies(tally, conversation, probe):
    for title, body, expected in large_bodies():
        reset_peak(probe)
        conversation.check(title, body, expected)
        if MEASURES_MEMORY:
            peak = probe.memory("VmHWM")
            bound = MEMORY_AT_ALL + (MEMORY_PER_REFUSED_BYTE if expected is None else MEMORY_PER_BYTE) * len(body)
            tally.check(f"memory for {title}", peak < bound, f"{peak >> 20} MiB, the bound is {bound >> 20} MiB")


def reset_peak(application):
    """Lets VmHWM begin again from what is used now."""
    with open(f"/proc/{application.pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def pairs(names):
    return b"{" + b",".join(b'"key%010d":1' % name for name in names) + b"}"


def colliding(count):
    """Distinct keys that sums with the multipliers 31 and 33, and so many hash tables, take for the same."""
    parts = [b"AaAa", b"AaBB", b"BBAa", b"BBBB"]
    keys = [b""]
    while len(keys) < count:
        keys = [key + part for key in keys for part in parts]
    return keys[:count]


def check_linear_time(tally, conversation):
    """Twice the keys take about twice the time, however they are chosen."""
    shuffled = list(range(100_000))
    random.Random(1).shuffle(shuffled)
    zigzag = [name for low in range(50_000) for name in (low, 99_999 - low)]
    prefix = b"x" * 50
    forms = {
        "in order": lambda count: pairs(range(count)),
        "backwards": lambda count: pairs(range(count, 0, -1)),
        "in no order": lambda count: pairs(shuffled[:count]),
        "from both ends": lambda count: pairs(zigzag[:count]),
        "with a long beginning in common": lambda count: b"{" + b",".join(
            b'"%b%d":1' % (prefix, name) for name in shuffled[:count]) + b"}",
        "that collide in many a hash table": lambda count: b"{" + b",".join(
            b'"%b":1' % key for key in colliding(count)) + b"}",
        "that collide, the last one repeated": lambda count: b"{" + b",".join(
            b'"%b":1' % key for key in [*colliding(count), colliding(count)[0]]) + b"}",
        "all equal": lambda count: b"{" + b",".join([b'"a":1'] * count) + b"}",
    }
    for name, form in forms.items():
        few, many = form(20_000), form(40_000)
        ratios = []
        while len(ratios) < 5 and not (ratios and min(ratios) < 3):
            ratios.append(shortest(conversation, many) / shortest(conversation, few))
        tally.check(f"time is linear for keys {name}", min(ratios) < 3,
                    f"twice the keys took {min(ratios):.1f} times as long")


def shortest(conversation, body):
    """The shortest of three times for a body."""
    times = []
    for _ in range(3):
        begin = time.monotonic()
        conversation.post(body)
        times.append(time.monotonic() - begin)
    return min(times)


# Tasks

def check_tasks(tally):
    """Bodies of tasks: accepted or refused with a reason, and what is accepted is stored as it was sent."""
    overrides = ["app:process_task:config.delay=0s", "app:task_consumer:concurrency=64"]
    with Application("task-queue", overrides=overrides) as application:
        conversation = Conversation(tally, application)
        stored = {}
        for title, text, written in table():
            check_refused(tally, conversation, title, text)
            post_task(tally, conversation, stored, title, text, written)
        for title, body, _ in large_bodies():
            if len(body) <= 2_000_010:
                check_refused(tally, conversation, title, body)
        for title, text, written in task_data():
            post_task(tally, conversation, stored, title, text, written)
        database = sqlite3.connect(f"file:{application.database}?mode=ro", uri=True)
        count = "SELECT count(*) FROM tasks"
        eventually("every task is stored", lambda: database.execute(count).fetchone()[0] >= len(stored))
        rows = dict(database.execute("SELECT id, payload FROM tasks"))
        database.close()
        tally.check("what is stored is what was accepted", rows.keys() == stored.keys(), f"{len(rows)}, {len(stored)}")
        for id, (title, written) in stored.items():
            payload = rows.get(id, "").encode()
            head, _, rest = payload.partition(b',"data":')
            tally.check(f"stored as sent: {title[:200]}",
                        re.fullmatch(rb'\{"action":"keep","created_at":\d+', head)
                        and rest == b'%b,"id":"%b"}' % (written, id.encode()), payload[:300])
        listed = json.loads(conversation.client.exchange(get("/tasks")).body)
        tally.check("the list has 100 tasks with their payloads as stored", listed["count"] == 100
                    and all(rows.get(task["id"]) == task["payload"] for task in listed["tasks"]), str(listed)[:300])
        conversation.client.close()
        tally.check("the task queue stops with status 0", application.stop() == 0, application.text()[-2000:])


def check_refused(tally, conversation, title, text):
    """A text that is no task by itself."""
    response = conversation.post(text, "/tasks", is_chunked=True)
    tally.check(f"as a task, {title}: {text[:200]!r}", response.status == 400 and not response.closes
                and re.fullmatch(rb'\{"error":"[^"]+"\}', response.body), f"{response.status} {response.body[:200]!r}")


def post_task(tally, conversation, stored, title, text, written):
    """Sends a task with the text as its data, and notes what is to be stored if it is accepted."""
    response = conversation.post(b'{"data":' + text + b',"action":"keep"}', "/tasks")
    if written is None:
        tally.check(f"refused as data, {title}: {text[:200]!r}",
                    response.status == 400 and response.body == b'{"error":"invalid JSON"}' and not response.closes,
                    f"{response.status} {response.body[:200]!r}")
    elif tally.check(f"accepted as data, {title}: {text[:200]!r}", response.status == 202 and not response.closes,
                     f"{response.status} {response.body[:200]!r}"):
        # Absent data, and null stands for that, is an empty map.
        stored[json.loads(response.body)["id"]] = f"{title}: {text[:200]!r}", b"{}" if written == b"null" else written


def task_data():
    deep = b"[" * 127 + b"]" * 127
    yield "as deep as a task's data may be", deep, deep
    yield "one deeper", b"[" + deep + b"]", None
    numbers = b"[" + b",".join(b"%d" % number for power in range(64) for number in (2**power - 1, -2**power)) + b"]"
    yield "whole numbers of every size", numbers, numbers
    control = json.dumps("".join(map(chr, range(0x20)))).encode()
    yield "every control character", control, control
    scalars = "".join(map(chr, [*range(0x5D, 0xD800, 3), *range(0xE000, 0x110000, 997)]))
    wide = b'"' + scalars.encode() + b'"'
    yield "characters of every plane", wide, wide
    yield "the same characters, escaped", json.dumps(scalars).encode(), wide
    large = b'{"text":"' + rb"line\n\"quoted\" \\ " * 60_000 + b'"}'
    yield "a text of 1 MB with escapes", large, large
    keys = pairs(range(20_000))
    yield "20,000 keys", keys, keys
