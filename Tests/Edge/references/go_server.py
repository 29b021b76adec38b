"""Requests as Go's net/http reads them: a small server of ours (go/main.go), built and run below .build."""
import base64
import json
import os
import re
import subprocess
import sys

from references.differences import Request, Unavailable
from support import HERE, ROOT, Program

sys.path.append(os.path.join(ROOT, "Tests", "Benchmarks"))
import peers  # noqa: E402  (the folder above has it)

READ = re.compile(rb"\r\nRead: ([^\r\n]*)\r\n")


class Go(Program):
    """The server as a child process; to be used in `with`."""

    def __init__(self):
        """Builds it; throws Unavailable."""
        source, folder = os.path.join(HERE, "references", "go"), os.path.join(ROOT, ".build", "fuzz-http")
        os.makedirs(folder, exist_ok=True)
        binary = os.path.join(folder, "reference")
        try:
            tool = peers.Go().toolchain()
            environment = dict(os.environ, GOPROXY="off", GOTOOLCHAIN="local", CGO_ENABLED="0", GOFLAGS="-mod=mod",
                               GOCACHE=os.path.join(peers.BUILD, "go-cache"))
            peers.build("the Go reference", [tool, "build", "-o", binary, "."], cwd=source, env=environment)
        except peers.Unavailable as error:
            raise Unavailable(str(error)) from error
        self.version = peers.output_of(tool, "version").replace("go version go", "Go ").rsplit(" ", 1)[0]
        self.process = subprocess.Popen([binary], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def end(self):
        super().end()
        self.process.stdout.close()


def read(answers):
    """The requests that the server reports in its answers, and how the reading ended."""
    requests, ending = [], "end"
    for text in READ.findall(answers):
        report = json.loads(text)
        fields = [(decoded(name).lower(), decoded(value)) for name, value in report["Fields"]]
        fields.append((b"host", decoded(report["Host"])))
        line = [decoded(report[part]) for part in ("Method", "Target", "Version")]
        requests.append(Request(*line, fields, decoded(report["Body"]), not report["Error"]))
        ending = report["Error"] or ending
    refusal = re.search(rb"HTTP/1\.1 ([45]\d\d [^\r\n]*)\r\n", answers)
    return requests, refusal[1].decode("latin-1") if refusal else ending


def decoded(text):
    return base64.b64decode(text or "")
