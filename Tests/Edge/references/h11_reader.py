"""Requests as h11 reads them: a parser in Python that others have looked at for years, run in this process."""
import os
import subprocess
import sys

from references.differences import Request, Unavailable
from support import ROOT

FOLDER = os.path.join(ROOT, ".build", "fuzz-http", "h11")
h11 = None


def prepare():
    """Imports h11, which is installed below .build if it is not there; returns its version, or throws Unavailable."""
    global h11
    if not os.path.isdir(os.path.join(FOLDER, "h11")):
        print("installing h11 below .build", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check",
                   "--target", FOLDER, "h11"]
        try:
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"h11 cannot be installed: {error}") from error
        if result.returncode != 0:
            raise Unavailable(f"h11 cannot be installed: {result.stdout.strip()[-500:]}")
    sys.path.insert(0, FOLDER)
    import h11 as module
    h11 = module
    return f"h11 {h11.__version__}"


def read(data):
    """The requests of a connection that ends after these bytes, and how the reading ended.

    Three things are done for h11, which does not do them itself: an empty line before a request is dropped
    (RFC 9112, section 2.2), HTTP/1.0 is kept alive when it asks for that (section 9.3), and an offer to upgrade or
    to tunnel is turned down.
    """
    requests = []
    while data and data != b"\r\n":
        if data.startswith(b"\r\n"):
            data = data[2:]
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        connection.receive_data(data)
        connection.receive_data(b"")
        head, pieces, is_complete, ending = None, [], False, "incomplete"
        try:
            event = connection.next_event()
            if type(event) is h11.Request:
                head = event
                event = connection.next_event()
                while type(event) is h11.Data:
                    pieces.append(event.data)
                    event = connection.next_event()
                is_complete = type(event) is h11.EndOfMessage
        except h11.RemoteProtocolError as error:
            ending = str(error)
        if head is None:
            return requests, ending
        fields = list(head.headers)
        requests.append(Request(bytes(head.method), bytes(head.target), b"HTTP/" + bytes(head.http_version), fields,
                                b"".join(pieces), is_complete))
        if not is_complete:
            return requests, ending
        if not keeps_alive(connection, head, fields):
            return requests, "closed"
        data = connection.trailing_data[0]
    return requests, "end"


def keeps_alive(connection, head, fields):
    if connection.their_state is h11.MIGHT_SWITCH_PROTOCOL:
        connection.send(h11.Response(status_code=400, headers=[(b"content-length", b"0")]))
        connection.send(h11.EndOfMessage())
    if head.http_version == b"1.0":
        options = {member.strip(b" \t").lower() for name, value in fields if name == b"connection"
                   for member in value.split(b",")}
        return b"keep-alive" in options and b"close" not in options
    return connection.their_state is h11.DONE
