"""What an answer has to look like, and what becomes of the connection after it: over real sockets, against built
applications with their limits as by default."""
import json
import re
import socket
import struct
import threading
import time

import support


def run(tally):
    with support.Application("WippyProbe") as probe:
        for part in (persistence, continuing, heads, contents, fields, splitting, authorities, redirects, pipelines,
                     unread, ends, limits, refused_while_sending):
            attempt(tally, part, probe)
    with support.Application("task-queue") as tasks:
        attempt(tally, application_errors, tasks)
    short = [f"probe:gateway:timeouts.{name}={milliseconds}ms" for name, milliseconds in SHORT.items()]
    with support.Application("WippyProbe", overrides=short) as probe:
        attempt(tally, timeouts, probe)


def attempt(tally, part, application):
    """Runs a part, which fails as a whole when a connection ends in a way that it does not expect."""
    def check(title, holds, detail=""):
        tally.check(f"{part.__name__}: {title}", holds, detail)
    try:
        part(check, application)
    except (OSError, EOFError, ValueError, KeyError, AttributeError, struct.error) as error:
        tally.check(part.__name__, False, f"{type(error).__name__}: {error}")


def message(method, target, *fields, body=b"", version="1.1"):
    """The bytes of a request."""
    lines = [f"{method} {target} HTTP/{version}", "Host: a", *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def with_body(method, target, body, *fields):
    return message(method, target, f"Content-Length: {len(body)}", *fields, body=body)


def in_chunks(body, size):
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def target_of(response):
    """The target that the echo has read; None if this is no echo."""
    return json.loads(response.body).get("target") if response and response.status == 200 else None


def is_over(client):
    """Whether the connection ends without another byte, and without a reset."""
    return client.receive_to_end() == b""


#: Version, fields, and whether the connection stays.
PERSISTENCE = [
    ("1.1", [], True),
    ("1.1", ["Connection: keep-alive"], True),
    ("1.1", ["Connection:"], True),
    ("1.1", ["Connection: ,"], True),
    ("1.1", ["Connection: keep-alive, Upgrade", "Upgrade: h2c"], True),
    ("1.1", ["Connection: closed"], True),
    ("1.1", ["Connection: x-close"], True),
    ("1.1", ["Connection: \"close\""], True),
    ("1.1", ["Connection: close;a"], True),
    ("1.1", ["Connection: not close"], True),
    ("1.1", ["Proxy-Connection: close"], True),
    ("1.1", ["X-Connection: close"], True),
    ("1.1", ["Keep-Alive: timeout=0"], True),
    ("1.1", ["Connection: close"], False),
    ("1.1", ["Connection:close"], False),
    ("1.1", ["connection: CLOSE"], False),
    ("1.1", ["CONNECTION: \t Close \t"], False),
    ("1.1", ["Connection: close, X-A"], False),
    ("1.1", ["Connection: X-A,close"], False),
    ("1.1", ["Connection: X-A \t, ,\tclose , X-B"], False),
    ("1.1", ["Connection: ,close,"], False),
    ("1.1", ["Connection: keep-alive, close"], False),
    ("1.1", ["Connection: close, keep-alive"], False),
    ("1.1", ["Connection: keep-alive", "Connection: close"], False),
    ("1.1", ["Connection: close", "Connection: keep-alive"], False),
    ("1.1", ["Connection: close", "Proxy-Connection: keep-alive"], False),
    ("1.2", [], True),
    ("1.2", ["Connection: close"], False),
    ("1.0", [], False),
    ("1.0", ["Connection: close"], False),
    ("1.0", ["Connection: X-A"], False),
    ("1.0", ["Connection: keep-alive, close"], False),
    ("1.0", ["Keep-Alive: timeout=5"], False),
    ("1.0", ["Proxy-Connection: keep-alive"], False),
    ("1.0", ["Connection: keep-alive"], True),
    ("1.0", ["Connection: Keep-Alive"], True),
    ("1.0", ["Connection: X-A, KEEP-ALIVE"], True),
]


def persistence(check, probe):
    for version, given, stays in PERSISTENCE:
        with probe.connect() as client:
            client.send(message("GET", "/first", *given, version=version) + message("GET", "/second"))
            option = client.response().field("connection")
            wanted = "close" if not stays else "keep-alive" if version == "1.0" else None
            title = f"HTTP/{version} {given}"
            check(f"{title}: the answer says {wanted}", option == wanted, option)
            if stays:
                check(f"{title}: the next request is answered", target_of(client.response()) == "/second")
            else:
                check(f"{title}: no other request is answered", is_over(client))


def continuing(check, probe):
    expect = "Expect: 100-continue"
    for title, fields_, body in [
            ("of a length", ["Content-Length: 5", expect], b"hello"),
            ("in capitals", ["Content-Length: 5", "EXPECT: 100-CONTINUE"], b"hello"),
            ("in chunks", ["Transfer-Encoding: chunked", expect], in_chunks(b"hello", 3))]:
        with probe.connect() as client:
            interim = client.exchange(message("POST", "/", *fields_))
            check(f"a body {title} is asked for", interim.status == 100 and not interim.fields, interim.status)
            response = client.exchange(body)
            check(f"a body {title} is answered then", json.loads(response.body)["body"] == "aGVsbG8=", response.body)
            check(f"a body {title} leaves the connection", target_of(client.exchange(message("GET", "/n"))) == "/n")
    for title, data in [
            ("the body is there", with_body("POST", "/", b"hello", expect)),
            ("there is no body", message("POST", "/", expect)),
            ("the body has no byte", message("POST", "/", "Content-Length: 0", expect)),
            ("a GET has none", message("GET", "/", expect)),
            ("the body is there in HTTP/1.0",
             message("POST", "/", "Content-Length: 5", expect, version="1.0", body=b"hello"))]:
        with probe.connect() as client:
            response = client.exchange(data)
            check(f"nothing is asked for when {title}", response.status == 200, response.status)
    with probe.connect() as client:
        client.send(message("POST", "/", "Content-Length: 5", expect, version="1.0"))
        support.trickle(0.1)
        client.send(b"hello")
        response = client.response()
        check("nothing is asked for in HTTP/1.0", response.status == 200, response.status)
    for title, data, status in [
            ("too long a body", message("POST", "/", f"Content-Length: {(10 << 20) + 1}", expect), 413),
            ("a body that nobody reads", message("POST", "/compose", "Content-Length: 5", expect), 200),
            ("a body for a method without a route", message("BREW", "/", "Content-Length: 5", expect), 405),
            ("another expectation", message("POST", "/", "Content-Length: 5", "Expect: a"), 417)]:
        with probe.connect() as client:
            response = client.exchange(data)
            check(f"{title} is answered without asking for it", response.status == status, response.status)
            check(f"{title} ends the connection", response.closes and is_over(client))
    for title, body, status in [("a chunk past the limit", b"a00001\r\n", 413), ("no chunk", b"x\r\n", 400)]:
        with probe.connect() as client:
            interim = client.exchange(message("POST", "/", "Transfer-Encoding: chunked", expect))
            response = client.exchange(body)
            check(f"{title} that was asked for is refused",
                  (interim.status, response.status, response.closes) == (100, status, True), response.status)
            check(f"{title} that was asked for ends the connection", is_over(client))
    with probe.connect() as client:
        client.send(message("GET", "/wait?ms=50") + message("POST", "/", "Content-Length: 5", expect))
        seen = [client.response().status for _ in range(2)] + [client.exchange(b"hello").status]
        check("a body is asked for after the answer to the request before", seen == [200, 100, 200], seen)


def heads(check, probe):
    for target in ("/small", "/content?count=0", "/content?count=1000", "/content?count=50000&piece=1000&announced",
                   "/content?count=50000&piece=1000", "/compose?status=404&content=abc", "/compose?status=204",
                   "/a//b"):
        with probe.connect() as client:
            got = client.exchange(message("GET", target))
            head = client.exchange(message("HEAD", target), is_head=True)
            ignored = ("date", "transfer-encoding")
            seen = [[field for field in answer.fields if field[0] not in ignored] for answer in (got, head)]
            check(f"HEAD {target} has the status and fields of GET", got.status == head.status and seen[0] == seen[1],
                  seen)
            check(f"HEAD {target} has no content", target_of(client.exchange(message("GET", "/n"))) == "/n")


def contents(check, probe):
    for status in (204, 304):
        for method in ("GET", "HEAD", "POST"):
            with probe.connect() as client:
                response = client.exchange(message(method, f"/compose?status={status}&content=abc"))
                framing = [response.field("content-length"), response.field("transfer-encoding")]
                check(f"{status} to {method} has no length",
                      (response.status, framing) == (status, [None, None]), framing)
                check(f"{status} to {method} has no content",
                      target_of(client.exchange(message("GET", "/n"))) == "/n")
    for status in (100, 101, 103):
        with probe.connect() as client:
            response = client.exchange(message("GET", f"/compose?status={status}"))
            check(f"a final answer is never {status}", response.status == 500, response.status)
    wanted = bytes(number % 251 for number in range(50_000))
    pieces = "/content?count=50000&piece=7000"
    with probe.connect() as client:
        response = client.exchange(message("GET", pieces))
        check("an answer of unknown length comes in chunks",
              response.field("transfer-encoding") == "chunked" and response.field("content-length") is None)
        check("the chunks are the content", response.body == wanted, len(response.body))
        check("the chunks leave the connection", target_of(client.exchange(message("GET", "/n"))) == "/n")
    for fields_ in ([], ["Connection: keep-alive"]):
        with probe.connect() as client:
            response = client.exchange(message("GET", pieces, *fields_, version="1.0"))
            check(f"an answer of unknown length in HTTP/1.0 {fields_} ends with the connection",
                  response.field("transfer-encoding") is None and response.closes and response.body == wanted,
                  response.fields)
    with probe.connect() as client:
        response = client.exchange(message("GET", pieces + "&announced", "Connection: keep-alive", version="1.0"))
        check("an answer of a known length in HTTP/1.0 leaves the connection",
              response.body == wanted and response.field("connection") == "keep-alive", response.fields)


def fields(check, probe):
    for query, title in [
            ("Content-Length=1", "its own length"), ("Content-Length=1&Content-Length=2", "two lengths"),
            ("content-length=99", "a length in small letters"), ("Transfer-Encoding=chunked", "a coding"),
            ("Transfer-Encoding=gzip,%20chunked", "two codings"), ("Keep-Alive=timeout=5", "Keep-Alive"),
            ("Connection=Upgrade", "an upgrade"), ("Connection=keep-alive", "a connection that stays")]:
        with probe.connect() as client:
            response = client.exchange(message("GET", f"/compose?content=abc&{query}"))
            seen = [response.field(name) for name in
                    ("content-length", "transfer-encoding", "keep-alive", "connection")]
            check(f"a handler that sets {title} changes nothing", seen == ["3", None, None, None], seen)
            check(f"a handler that sets {title} leaves the connection",
                  target_of(client.exchange(message("GET", "/n"))) == "/n")
    for query in ("Connection=close", "Connection=X-A,%20Close", "Connection=keep-alive&Connection=close"):
        with probe.connect() as client:
            response = client.exchange(message("GET", f"/compose?{query}"))
            check(f"a handler may close: {query}", response.field("connection") == "close" and is_over(client))
    with probe.connect() as client:
        response = client.exchange(message("GET", "/compose?Date=Thu,%2001%20Jan%201970%2000:00:00%20GMT"))
        check("a handler's date is the only one", response.field("date") == "Thu, 01 Jan 1970 00:00:00 GMT",
              response.fields)
        response = client.exchange(message("GET", "/compose?X-A=b&x-a=c&X-A=%20%09d%20"))
        values = [value for name, value in response.fields if name == "x-a"]
        check("a field may be set several times, and keeps its order", values == ["b", "c", "d"], values)


def splitting(check, probe):
    for query, title in [
            ("X-A=b%0D%0AX-B:c", "CR LF in a value"), ("X-A=b%0AX-B:c", "LF in a value"),
            ("X-A=b%0DX-B:c", "CR in a value"), ("X-A=%0D%0A%0D%0Ab", "an empty line in a value"),
            ("X-A=b%0D%0A", "CR LF after a value"), ("X-A=%0AX-B:c", "LF before a value"),
            ("X-A=b%00c", "NUL in a value"), ("X-A=b%7Fc", "DEL in a value"),
            ("X-A=b%0Bc", "a vertical tab in a value"), ("Content-Type=a%0D%0AX-B:c", "CR LF in a known field"),
            ("X-B:c%0D%0AX-A=b", "CR LF in a name"),
            ("X%0AX-B:c=b", "LF in a name"), ("X-B:c=b", "a colon in a name"), ("X%20A=b", "a space in a name"),
            ("%20X-A=b", "a space before a name"), ("=b", "no name"), ("X%00=b", "NUL in a name"),
            ("X%C3%A9=b", "a name past ASCII")]:
        with probe.connect() as client:
            response = client.exchange(message("GET", f"/compose?{query}"))
            names = [name for name, _ in response.fields]
            check(f"{title} is an error", response.status in (400, 500) and json.loads(response.body)["error"],
                  response.status)
            check(f"{title} sets no field", not {"x-a", "x-b"} & set(names), names)
            check(f"{title} leaves the connection", target_of(client.exchange(message("GET", "/n"))) == "/n")
    with probe.connect() as client:
        response = client.exchange(message("GET", "/compose?X-A=b%C2%85c%09%C3%A9"))
        check("a value past ASCII goes out as it is",
              response.field("x-a").encode("latin-1") == b"b\xc2\x85c\t\xc3\xa9", response.fields)


def authorities(check, probe):
    for data, wanted in [
            (b"GET /compose HTTP/1.1\r\nHost: a:81\r\n\r\n", "a:81"),
            (b"GET http://b:82/compose HTTP/1.1\r\nHost: a:81\r\n\r\n", "b:82"),
            (b"GET HTTPS://B/compose?X-A=b HTTP/1.1\r\nHost: a\r\n\r\n", "B"),
            (b"GET http://[::1]:83/compose HTTP/1.1\r\nHost: a\r\n\r\n", "[::1]:83"),
            (b"GET http://b/compose HTTP/1.1\r\nHost:\r\n\r\n", "b"),
            (b"GET /compose HTTP/1.1\r\nHost:\r\n\r\n", ""),
            (b"GET http://b/compose HTTP/1.0\r\n\r\n", "b"),
            (b"GET /compose HTTP/1.0\r\n\r\n", "")]:
        with probe.connect() as client:
            seen = client.exchange(data).field("x-authority")
            check(f"the host that {data[:40]!r} asks is '{wanted}'", seen == wanted, seen)
    with probe.connect() as client:
        check("an encoded letter of a path means the letter",
              json.loads(client.exchange(message("GET", "/%73mal%6c")).body) == {"count": 42, "status": "ready"})
        check("an encoded slash of a path does not separate",
              target_of(client.exchange(message("GET", "/a%2Fsmall"))) == "/a%2Fsmall")
        response = client.exchange(message("OPTIONS", "*"))
        check("OPTIONS of the server names what it can",
              (response.status, response.field("allow")) == (200, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE"),
              (response.status, response.field("allow")))


REDIRECTS = [
    ("//", "/"),
    ("///a", "/a"),
    ("/a//b", "/a/b"),
    ("/a//b?c=d//e/../f", "/a/b?c=d//e/../f"),
    ("/a//", "/a/"),
    ("/.", "/"),
    ("/..", "/"),
    ("/./a", "/a"),
    ("/a/.", "/a/"),
    ("/a/./b", "/a/b"),
    ("/a/..", "/"),
    ("/a/b/..", "/a/"),
    ("/a/../b?", "/b?"),
    ("/../../../etc/passwd", "/etc/passwd"),
    ("//b.example/c", "/b.example/c"),
    ("//b.example/..", "/"),
    ("/.//b.example", "/b.example"),
    ("/a/..//b.example/%2f..", "/b.example/%2f.."),
    ("http://b//c?d", "/c?d"),
    ("/a/%2e%2e/b", "/b"),
    ("/a/.%2E/b", "/b"),
    ("/a/%2e/b?c=%2e", "/a/b?c=%2e"),
    ("/a/b/%2E.", "/a/"),
    ("/a//%0d%0aX-A:%20b?c=%0D%0AX-B:%20d", "/a/%0d%0aX-A:%20b?c=%0D%0AX-B:%20d"),
    ("/a//b?c=d&e=%2F%2F", "/a/b?c=d&e=%2F%2F"),
]


def redirects(check, probe):
    with probe.connect() as client:
        for target, location in REDIRECTS:
            response = client.exchange(message("GET", target))
            check(f"{target} leads to {location}", (response.status, response.field("location")) == (307, location),
                  (response.status, response.field("location")))
            check(f"{target} sets no field", not {"x-a", "x-b"} & {name for name, _ in response.fields})
        response = client.exchange(with_body("POST", "/a//b", b"GET /c HTTP/1.1\r\nHost: a\r\n\r\n"))
        check("a POST is to be repeated as one", response.status == 307, response.status)
        check("a body that is not asked for is no request", target_of(client.exchange(message("GET", "/n"))) == "/n")
        for target in ("/...", "/%2e%2e%2e", "/a%2e%2e/b", "/a/.b", "/a..", "/a/..b/c.", "/..;/a", "/a/", "/?//../"):
            seen = target_of(client.exchange(message("GET", target)))
            check(f"{target} is clean", seen == target, seen)


def segments_received(client):
    """How many packets with data have come, as the system counts (`tcpi_data_segs_in`)."""
    return struct.unpack_from("I", client.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192), 152)[0]


def pipelines(check, probe):
    count = 200
    with probe.connect() as client:
        client.exchange(message("GET", "/n"))
        before = segments_received(client)
        client.send(b"".join(message("GET", f"/{number}") for number in range(count)))
        seen = [target_of(client.response()) for _ in range(count)]
        wanted = [f"/{number}" for number in range(count)]
        check(f"{count} requests at once are answered in order", seen == wanted, seen)
        packets = segments_received(client) - before
        check("their answers come in few packets", packets <= count // 10, f"{packets} for {count} answers")
    kinds = [
        (message("GET", "/wait?ms=50"), 200), (message("GET", "/small"), 200), (message("BREW", "/a"), 405),
        (message("HEAD", "/small"), 200), (with_body("POST", "/b", b"hello"), 200), (message("GET", "/a//b"), 307),
        (message("POST", "/c", "Transfer-Encoding: chunked", body=in_chunks(b"hello", 2)), 200),
        (message("GET", "/content?count=100000&piece=10000"), 200), (message("GET", "/compose?status=204"), 204),
        (with_body("POST", "/compose?status=418", b"unread"), 418), (message("GET", "/n"), 200)]
    with probe.connect() as client:
        client.send(b"".join(data for data, _ in kinds))
        seen = [client.response(data.startswith(b"HEAD")).status for data, _ in kinds]
        check("requests of all kinds at once are answered in order", seen == [status for _, status in kinds], seen)
    for refused in (b"GET / HTTP/1.1\r\n\r\n", b"\x00", message("GET", "/", "Content-Length: 5, 5")):
        with probe.connect() as client:
            client.send(message("GET", "/wait?ms=50") + message("GET", "/b") + refused + message("GET", "/c") * 50)
            seen = [client.response().status for _ in range(3)]
            check(f"what precedes {refused[:50]!r} is answered, and nothing after it", seen == [200, 200, 400], seen)
            check(f"{refused[:50]!r} ends the connection", is_over(client))


def unread(check, probe):
    bound = 64 << 10
    follower = message("GET", "/n")
    for size in (1, bound):
        for title, data in [
                ("of a length", with_body("POST", "/compose", b"x" * size)),
                ("in chunks", message("POST", "/compose", "Transfer-Encoding: chunked",
                                      body=in_chunks(b"x" * size, 1000)))]:
            with probe.connect() as client:
                response = client.exchange(data)
                check(f"a handler may leave {size} bytes {title}", response.status == 200 and not response.closes)
                check(f"the connection stays after {size} bytes {title}", target_of(client.exchange(follower)) == "/n")
    with probe.connect() as client:
        response = client.exchange(with_body("POST", "/compose", b"x" * (bound + 1)) + follower)
        check("more than that of a length is said to end the connection", response.status == 200 and response.closes)
        check("more than that of a length ends the connection", is_over(client))
    with probe.connect() as client:
        chunks = in_chunks(b"x" * (bound + 1), 1000)
        response = client.exchange(message("POST", "/compose", "Transfer-Encoding: chunked", body=chunks) + follower)
        check("a handler may leave more than that in chunks", response.status == 200)
        check("more than that in chunks ends the connection", is_over(client))
    with probe.connect() as client:
        response = client.exchange(message("POST", "/compose", "Transfer-Encoding: chunked", body=b"x\r\n") + follower)
        check("a handler may leave a body that is malformed", response.status == 200)
        check("a body that is malformed ends the connection", is_over(client))
    with probe.connect() as client:
        client.send(with_body("POST", "/compose", b"hello")[:-4])
        response = client.response()
        client.send(b"ello" + follower)
        check("what is left unread may come after the answer",
              response.status == 200 and target_of(client.response()) == "/n")


def ends(check, probe):
    with probe.connect() as client:
        client.send(message("GET", "/wait?ms=50") + message("GET", "/b"))
        client.finish_sending()
        seen = [client.response() for _ in range(2)]
        check("a client that has said all is answered", [answer.status for answer in seen] == [200, 200])
        check("the last answer to it says that the connection closes", seen[1].closes and is_over(client))
    for title, data in [("in a body", with_body("POST", "/", b"hello")[:-2]),
                        ("in chunks", message("POST", "/", "Transfer-Encoding: chunked", body=b"5\r\nhel")),
                        ("in a head", b"GET / HTTP/1.1\r\nHo")]:
        with probe.connect() as client:
            client.send(data)
            client.finish_sending()
            response = client.response()
            check(f"a client that ends {title} gets 400", response.status == 400 and response.closes, response.status)
            check(f"a client that ends {title} gets no more", is_over(client))
    for title, data in [("before it says anything", b""), ("after an empty line", b"\r\n")]:
        with probe.connect() as client:
            client.send(data)
            client.finish_sending()
            check(f"a client that ends {title} gets nothing", is_over(client))


def limits(check, probe):
    def head(size, line="GET / HTTP/1.1", end="\r\n\r\n"):
        begin = f"{line}\r\nHost: a\r\nX: "
        return (begin + "x" * (size - len(begin) - len(end)) + end).encode()

    bound = 32 << 10
    for title, data, status in [
            ("a head of 32 KiB", head(bound), 200),
            ("a head of one byte more", head(bound + 1), 431),
            ("a head of a megabyte", head(1 << 20), 431),
            ("a head without an end", head(bound, end="x"), 431),
            ("100 fields", message("GET", "/", *["X: y"] * 99), 200),
            ("101 fields", message("GET", "/", *["X: y"] * 100), 431),
            ("5000 fields", message("GET", "/", *["X:"] * 5000), 431),
            ("a target of 32,000 bytes", message("GET", "/" + "x" * 32_000), 200),
            ("a target of 40,000 bytes", message("GET", "/" + "x" * 40_000), 414),
            ("a target without an end", b"GET /" + b"x" * bound, 414),
            ("a length past the limit", message("POST", "/", f"Content-Length: {(10 << 20) + 1}"), 413),
            ("a chunk past the limit", message("POST", "/", "Transfer-Encoding: chunked", body=b"a00001\r\n"), 413)]:
        with probe.connect() as client:
            response = client.exchange(data)
            check(f"{title}: {status}", response.status == status, response.status)
            if status != 200:
                check(f"{title} ends the connection", response.closes and is_over(client))
    with probe.connect() as client:
        body = b"x" * (10 << 20)
        response = client.exchange(with_body("POST", "/sip", body))
        check("a body of 10 MiB is read", response.status == 200, response.status)
    with probe.connect() as client:
        data = head(100_000)
        client.drip(data, sizes=(50, 61), pause=0.0001)
        response = client.response()
        check("a head past the limit that comes in pieces is refused", response.status == 431, response.status)


def refused_while_sending(check, probe):
    """A client that sends all of a body before it reads gets to read why it was refused."""
    for title, data, status in [
            ("a body past the limit", with_body("POST", "/", b"x" * ((10 << 20) + 1)), 413),
            ("a body behind a refused head", b"POST / HTTP/1.1\r\nContent-Length: 12000000\r\n\r\n" + b"x" * 12_000_000,
             400),
            ("a body that a handler leaves", with_body("POST", "/compose", b"x" * 12_000_000), 200)]:
        with probe.connect() as client:
            try:
                client.send(data)
            except ConnectionError as error:
                check(f"{title} can be sent to its end", False, error)
                continue
            response = client.response()
            check(f"{title}: {status}", response.status == status and response.closes, response.status)
            check(f"{title} ends the connection", is_over(client))


def application_errors(check, tasks):
    with tasks.connect() as client:
        for title, data, status in [
                ("an unknown path", message("GET", "/nope"), 404),
                ("an unknown path with a body", with_body("POST", "/nope", b"{}"), 404),
                ("another method", message("DELETE", "/tasks"), 405),
                ("an unknown method", message("BREW", "/tasks"), 405),
                ("a method in small letters", message("get", "/tasks"), 405),
                ("a body that is no JSON", with_body("POST", "/tasks", b"{"), 400),
                ("no body", message("POST", "/tasks"), 400),
                ("a task without an action", with_body("POST", "/tasks", b"{}"), 400)]:
            response = client.exchange(data)
            check(f"{title}: {status}", response.status == status and not response.closes, response.status)
            check(f"{title}: the answer says why", json.loads(response.body)["error"], response.body)
            if status == 405:
                check(f"{title}: the answer says what there is",
                      response.field("allow") == "GET, HEAD, OPTIONS, POST", response.field("allow"))
        check("all that leaves the connection", client.exchange(message("GET", "/tasks")).status == 200)
        response = client.exchange(with_body("POST", "/tasks", b'{"action":"a"}'))
        check("a task is accepted on it", response.status == 202 and re.search(rb'"id":"[0-9a-f-]{36}"', response.body),
              response.body)


#: In milliseconds; far enough apart to be told from each other.
SHORT = {"header": 300, "body": 400, "idle": 1000}


def timeouts(check, probe):
    """Each of these waits for the server, so all of them do so at once."""
    waits = [lambda: slow_head(check, probe), lambda: unread_and_slow(check, probe)]
    for title, data in [
            ("a request line", b"GET / HT"),
            ("a field", b"GET / HTTP/1.1\r\nHo"),
            ("a head without its end", b"GET / HTTP/1.1\r\nHost: a\r\n"),
            ("a body", with_body("POST", "/", b"hello")[:-2]),
            ("a chunk", message("POST", "/", "Transfer-Encoding: chunked", body=b"5\r\nhel")),
            ("a chunk's size", message("POST", "/", "Transfer-Encoding: chunked", body=b"5")),
            ("a trailer", message("POST", "/", "Transfer-Encoding: chunked", body=b"0\r\nX"))]:
        waits.append(lambda title=title, data=data: too_slow(check, probe, title, data))
        waits.append(lambda title=title, data=data: too_slow(check, probe, title + " after a request", data, count=1))
    for title, data, count in [("says nothing", b"", 0), ("sends an empty line", b"\r\n", 0),
                               ("has been answered", message("GET", "/n"), 1)]:
        waits.append(lambda title=title, data=data, count=count: idle(check, probe, title, data, count))
    threads = [threading.Thread(target=attempt_wait, args=(check, wait)) for wait in waits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def attempt_wait(check, wait):
    try:
        wait()
    except (OSError, EOFError, ValueError, AttributeError) as error:
        check("a connection that waits", False, f"{type(error).__name__}: {error}")


def too_slow(check, probe, title, data, count=0):
    with probe.connect() as client:
        for _ in range(count):
            client.exchange(message("GET", "/n"))
        response = client.exchange(data)
        check(f"{title} that does not go on: 408", response.status == 408 and response.closes, response.status)
        check(f"{title} that does not go on: the answer says why", json.loads(response.body)["error"])
        check(f"{title} that does not go on ends the connection", is_over(client))


def slow_head(check, probe):
    with probe.connect() as client:
        begin = time.monotonic()
        data = message("GET", "/", "X: " + "x" * 500)
        dripping = threading.Thread(target=drip_until_refused, args=(client, data))
        dripping.start()
        response = client.response()
        took = time.monotonic() - begin
        check("a head that goes on slowly: 408", response.status == 408 and took >= 0.25,
              f"{response.status} after {took:.2f} s")
        dripping.join()


def idle(check, probe, title, data, count):
    with probe.connect() as client:
        begin = time.monotonic()
        client.send(data)
        for _ in range(count):
            client.response()
        check(f"a client that {title} is left without a word", is_over(client))
        took = time.monotonic() - begin
        check(f"a client that {title} has its time", took >= 0.9, f"{took:.2f} s")


def unread_and_slow(check, probe):
    with probe.connect() as client:
        client.send(with_body("POST", "/compose", b"hello")[:-2])
        check("a body that nobody waits for does not delay the answer", client.response().status == 200)
        check("a body that never comes ends the connection without a word", is_over(client))


def drip_until_refused(client, data):
    try:
        client.drip(data, sizes=(1,), pause=0.02)
    except OSError:
        pass
