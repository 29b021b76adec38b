"""Where our server and the references may differ, each with its reason, and the comparison of what they have read.

The rule: what our server accepts, the references accept with the same method, target, fields, body and end. There are
three lists of exceptions, and each is as narrow as its reason. What no list explains is a finding.
"""
import collections
import ipaddress
import re

Request = collections.namedtuple("Request", "method target version fields body is_complete")


class Unavailable(Exception):
    """A reference cannot run on this machine; the text says why."""


GO, H11, BOTH = ("go",), ("h11",), ("h11", "go")

#: What we refuse and these references accept: the flaw by its name in the grammar.
STRICTER = {
    "bare LF": (
        BOTH, "RFC 9112 (2.2) lets a recipient take one as a line's end; those that do disagree with those that do not "
        "about where a head ends"),
    "control character in a value": (H11, "h11 takes most of them; RFC 9110 (5.5) forbids them"),
    "target too long": (BOTH, "our bound for heads is smaller"),
    "fields too large": (BOTH, "our bound for heads is smaller"),
    "too many fields": (BOTH, "ours has a bound for the number of fields"),
    "line end before a request": (
        GO, "Go skips up to four CR and LF after a POST; RFC 9112 (2.2) asks for one empty line"),
    "second empty line": (GO, "as a line end before a request"),
    "preface of HTTP/2": (BOTH, "Go hands it to the handler, which might speak HTTP/2; h11 as other versions"),
    "other version": (H11, "h11 reads any version as if it were HTTP/1.1; another major version is another protocol"),
    "CONNECT": (BOTH, "this is no proxy, and opens no tunnel"),
    "asterisk": (BOTH, "RFC 9112 (3.2.4) has `*` for OPTIONS alone"),
    "target character": (
        BOTH, "h11 and Go look at few characters; a target is visible ASCII and ends before `#` (RFC 9112, 3.2)"),
    "target form": (BOTH, "h11 looks at no target, and Go takes every URL; ours is a path or an http URL"),
    "target authority": (
        BOTH, "h11 looks at no target, and Go takes a user, an empty host and an encoded one; RFC 9110 (4.2) forbids "
        "the empty one and has the user treated as an error"),
    "target encoding": (H11, "h11 looks at no target; what a path with a broken escape names is anybody's guess"),
    "folded line": (BOTH, "RFC 9112 (5.2) lets a server refuse obsolete line folding or replace it"),
    "Host missing, later minor version": (
        H11, "h11 wants Host in HTTP/1.1 alone; a later minor version is read as 1.1 (RFC 9110, 2.5)"),
    "Host": (
        BOTH, "h11 looks at no Host, and Go at its characters alone; RFC 9112 (3.2) has 400 for an invalid one"),
    "Content-Length repeated": (BOTH, "RFC 9112 (6.3) lets a recipient refuse equal lengths or use one of them"),
    "Content-Length list": (H11, "RFC 9112 (6.3) lets a recipient refuse a list of equal lengths or use one of them"),
    "Content-Length of many digits": (BOTH, "18 digits are more than anybody needs, and zeros before them are tricks"),
    "Transfer-Encoding, HTTP/1.0": (
        GO, "Go ignores the field in HTTP/1.0; RFC 9112 (6.1) has such a message treated as faulty"),
    "chunked, HTTP/1.0": (
        BOTH, "h11 decodes it and Go ignores it: the disagreement for which RFC 9112 (6.1) has such a message treated "
        "as faulty"),
    "length and coding": (
        BOTH, "h11 and Go drop the length; RFC 9112 (6.3) lets a server refuse what may be an attempt at smuggling"),
    "expectation": (
        BOTH, "h11 ignores expectations, and Go finds 100-continue among others; RFC 9110 (10.1.1) has 417 for unknown "
        "ones"),
    "body too large": (BOTH, "our bound for bodies is smaller"),
    "chunk size of many digits": (H11, "h11 takes 20 digits; 16 hold every length"),
    "blank after chunk size": (
        BOTH, "h11 and Go drop blanks before a chunk line's end, where the grammar has none (RFC 9112, 7.1)"),
    "chunk extension": (
        BOTH, "h11 and Go skip extensions unread; ours are read by the grammar (RFC 9112, 7.1.1), but for blanks "
        "before a semicolon"),
    "control character in chunk extension": (BOTH, "h11 and Go skip extensions unread, h11 with a bare CR in them"),
    "chunk extensions too long": (BOTH, "ours has a bound for all extensions of a message together"),
    "bare LF in trailers": (BOTH, "as in a head"),
    "control character in a value in trailers": (H11, "as in a head"),
    "folded line in trailers": (BOTH, "as in a head"),
    "blank in a name in trailers": (
        GO, "Go looks at names in heads alone; RFC 9112 (5.1) has 400 for a blank before the colon"),
    "trailers too large": (BOTH, "ours has a bound for trailers"),
    "framing in trailers": (
        BOTH, "h11 and Go take it as any other trailer; RFC 9110 (6.5.1) forbids it, and another server might merge it "
        "into the head"),
}


def connection_words(message):
    """What Go looks at: the words of the first Connection field."""
    return re.split(rb"[ \t,]", b"".join(message.values(b"connection")[:1]).lower())


#: Requests that these references read and we do not, without refusing them: we close after an answer.
CLOSED = {
    "content not asked for": (
        BOTH, lambda message, answer: message.expects_continue and answer.status != 200,
        "an answer that does not ask for expected content closes, since the client may send it or not "
        "(RFC 9110, 10.1.1)"),
    "HTTP/1.0 that is not kept alive": (
        GO, lambda message, _: message.version == b"HTTP/1.0" and b"keep-alive" in connection_words(message),
        "Go finds keep-alive between blanks, and lets it win over close; RFC 9112 (9.3) has close win"),
}


def has_odd_brackets(message, _):
    authority = message.authority or b""
    if not authority.startswith(b"["):
        return False
    try:
        ipaddress.IPv6Address(authority[1:authority.index(b"]")].decode())
    except ValueError:
        return True
    return False


#: What a reference refuses and we accept: a test of the message and of the one before it, and the reason.
REFERENCE_STRICTER = {
    "h11": {},
    "go": {
        "empty line before a request": (
            lambda message, before: message.has_empty_line and (before is None or before.method != b"POST"),
            "Go skips it after a POST alone; RFC 9112 (2.2) asks a server to skip one"),
        "brackets without an IPv6 address": (
            has_odd_brackets,
            "Go reads the address in a target; ours is checked for its characters, since nothing is connected to"),
        "close between blanks": (
            lambda _, before: before is not None and before.version != b"HTTP/1.0"
            and b"close" in connection_words(before),
            "Go closes after a Connection that has the word between blanks; the list has commas (RFC 9110, 7.6.1)"),
        "keep-alive in a later line": (
            lambda _, before: before is not None and before.version == b"HTTP/1.0"
            and b"keep-alive" not in connection_words(before),
            "Go looks at the first Connection field alone; RFC 9110 (5.3) has them be one list"),
        "trailer announced that frames": (
            lambda message, _: message.is_chunked and any(
                member.strip().lower() in (b"transfer-encoding", b"trailer", b"content-length")
                for value in message.values(b"trailer") for member in value.split(b",")),
            "Go refuses the announcement; ours refuses such a trailer when it comes"),
        "chunk line of 4 KiB": (
            lambda message, _: any(line >= 4095 for line, _ in message.chunk_lines),
            "Go's bound for one chunk line; ours is for all of a message"),
        "trailers of 4 KiB": (
            lambda message, _: message.trailer_bytes > 4096,
            "Go's bound for trailers; ours is 8 KiB"),
    },
}


class Differences:
    """Counts which rule has explained how many differences."""

    def __init__(self):
        self.counts = collections.Counter()

    def compare(self, name, answers, requests, ending):
        """What no list explains of a reference's reading, in a few words; None if all is well.

        `answers` is what our server has answered, as the grammar has it.
        """
        before = None
        for index, answer in enumerate(answers):
            message = answer.message
            request = requests[index] if index < len(requests) else None
            is_read = request is not None and request.is_complete
            if answer.is_refusal or answer.flaw:
                return self.refused(name, answer.flaw) if is_read else None
            if not is_read:
                return self.missed(name, message, before, ending)
            if difference := FIRST_DIFFERENCE[name](message, request):
                return f"{name} reads another {difference}"
            before = message
        if len(requests) > len(answers) and requests[len(answers)].is_complete:
            return self.closed(name, answers)
        return None

    def refused(self, name, flaw):
        if name in STRICTER.get(flaw, ((), ""))[0]:
            self.counts["stricter", flaw, name] += 1
            return None
        return f"{name} accepts what we refuse: {flaw}"

    def missed(self, name, message, before, ending):
        for rule, (explains, _) in REFERENCE_STRICTER[name].items():
            if explains(message, before):
                self.counts["reference", rule, name] += 1
                return None
        return f"{name} refuses what we accept: {ending}"

    def closed(self, name, answers):
        for rule, (who, explains, _) in CLOSED.items():
            if name in who and answers and explains(answers[-1].message, answers[-1]):
                self.counts["closed", rule, name] += 1
                return None
        return f"{name} reads a request that we do not answer"

    def table(self, names):
        """Every rule about these references as a line of text: how often each has needed it, and the reason."""
        rows = [("we refuse", "stricter", rule, who, reason) for rule, (who, reason) in STRICTER.items()]
        rows += [("we close", "closed", rule, who, reason) for rule, (who, _, reason) in CLOSED.items()]
        rows += [(f"{name} refuses", "reference", rule, {name}, reason)
                 for name, rules in REFERENCE_STRICTER.items() for rule, (_, reason) in rules.items()]
        for side, kind, rule, who, reason in rows:
            counts = [f"{name} {self.counts[kind, rule, name] or 'NEVER'}" for name in names if name in who]
            if counts:
                yield f"{side + ':':11} {rule} ({', '.join(counts)}): {reason}"


def first_difference_h11(message, request):
    """h11 makes the value of Transfer-Encoding small."""
    mine = [(name, value.lower() if name == b"transfer-encoding" else value) for name, value in message.fields]
    return compared(message, request, mine, request.fields)


def first_difference_go(message, request):
    """Go keeps the order of the values of one name only.

    It has Host apart, or in its place the authority of a target that is a URL; it takes out Transfer-Encoding, and the
    announced trailers of a chunked message; and it adds the Cache-Control that Pragma stands for.
    """
    gone = {b"host", b"transfer-encoding"} | ({b"trailer"} if message.is_chunked else set())
    mine = [(name, value) for name, value in message.fields if name not in gone]
    host = message.authority or b"".join(message.values(b"host"))
    mine.append((b"host", host))
    if message.values(b"pragma")[:1] == [b"no-cache"] and not message.values(b"cache-control"):
        mine.append((b"cache-control", b"no-cache"))

    def by_name(field):
        return field[0]
    return compared(message, request, sorted(mine, key=by_name), sorted(request.fields, key=by_name))


def compared(message, request, mine, theirs):
    if message.method != request.method:
        return "method"
    if message.target != request.target:
        return "target"
    if message.version != request.version:
        return "version"
    if mine != theirs:
        return "field"
    if message.body != request.body:
        return "body"
    return None


FIRST_DIFFERENCE = {"h11": first_difference_h11, "go": first_difference_go}
