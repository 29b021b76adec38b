#!/usr/bin/env python3
"""Does what docs/tutorial.md says, line by line, and compares what comes out with what the page shows.

`$` begins a command, `^C` interrupts the program that still runs, and what follows is what is printed: `…` stands for any
text, alone on a line for any lines. Times and ids are any. A block behind "Write `PATH`:" is a file, one behind "Append to
`PATH`:" the end of one. The package shares the build of examples/, and is built for debugging where the page builds it for a
server. Prints what fails, then 'N passed, M failed'; the exit status is 0 only if nothing failed.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

from support import ROOT, Tally, binary, wait_for

SCRATCH = os.path.join(ROOT, "examples", ".build")
PAGE = os.path.join(ROOT, "docs", "tutorial.md")

#: What is another each time, and what it is called here.
VARYING = [(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"), (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME"), (r"\s+", " ")]

#: Commands that go on until they are interrupted.
ENDLESS = re.compile(r"^(make run|swift run tasks run|\./tasks run)\b")


def blocks():
    """The blocks of the page: what the last line before it says, and its lines."""
    with open(PAGE, encoding="utf-8") as file:
        lines = iter(file.read().split("\n"))
    before = ""
    for line in lines:
        if line.startswith("```"):
            yield before, list(iter(lambda: next(lines), "```"))
            before = ""
        elif line:
            before = line


def steps(lines):
    """The commands of a block, each with what it prints."""
    found = []
    for line in lines:
        if line.startswith("$ ") or line == "^C":
            found.append((line.removeprefix("$ "), []))
        elif found:
            found[-1][1].append(line)
    return found


def pattern(lines):
    """What matches the lines of the page."""
    parts = []
    for line in lines:
        words = [re.escape(varied(part)) for part in line.split("…")]
        parts.append(r"(?:[^\n]*\n)*?" if line == "…" else "[^\n]*".join(words) + "\n")
    return re.compile("".join(parts))


def varied(text):
    for form, name in VARYING:
        text = re.sub(form, name, text)
    return text


class Reader:
    """Whoever follows the page, in a folder of its own."""

    def __init__(self, tally, folder):
        self.tally, self.folder, self.process = tally, folder, None
        self.log = os.path.join(folder, "log")
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = str(server.getsockname()[1])
        tools = os.path.join(folder, "bin")
        os.mkdir(tools)
        os.symlink(binary("wippy-swift"), os.path.join(tools, "wippy-swift"))
        # The page's own `make` is nobody's part, whoever runs this.
        inherited = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        self.environment = {**inherited, "PATH": f"{tools}:{os.environ['PATH']}", "SWIFTPM_BUILD_DIR": SCRATCH,
                            "SWIFT_BACKTRACE": "enable=no"}

    def write(self, path, lines, mode):
        with open(os.path.join(self.folder, path), mode, encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def follow(self, command, lines):
        if command == "^C":
            os.killpg(self.process.pid, signal.SIGINT)
            self.process.wait(60)
            self.expect(command, lines, self.text, lambda wanted, text: wanted.search(text))
            self.process = None
        elif ENDLESS.match(command):
            with open(self.log, "wb") as log:
                self.process = subprocess.Popen(["bash", "-c", command], cwd=self.folder, env=self.environment, stdout=log,
                                                stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
            self.expect(command, lines, self.text, lambda wanted, text: wanted.match(text), seconds=300)
        else:
            # What is done may show a moment later.
            self.expect(command, lines, lambda: self.output(command), lambda wanted, text: wanted.fullmatch(text),
                        seconds=10 if command.startswith("curl") else 0)

    def output(self, command):
        """What a command prints; the folder that it goes to is the next one's."""
        command = command.replace("localhost:8080", f"127.0.0.1:{self.port}")
        command = command.replace(".build/release/", f"{SCRATCH}/debug/")
        done = subprocess.run(["bash", "-c", f"{command}\nstatus=$?; pwd >&3; exit $status"], cwd=self.folder,
                              env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=590, pass_fds=(3,))
        os.lseek(3, 0, os.SEEK_SET)
        self.folder = os.read(3, 4096).decode().split("\n")[-2]
        text = done.stdout.decode(errors="replace")
        if command.startswith("wippy-swift init"):
            self.take_port()
        return text if not text or text.endswith("\n") else text + "\n"

    def take_port(self):
        """Another port than the page's, which may be taken, and a build that costs little."""
        for path, old, new in (("src/_index.yaml", '":8080"', f'"127.0.0.1:{self.port}"'),
                               ("Makefile", " -c release --static-swift-stdlib", "")):
            with open(os.path.join(self.folder, path), encoding="utf-8") as file:
                text = file.read()
            self.tally.check(f"{path} has {old}", old in text, text)
            with open(os.path.join(self.folder, path), "w", encoding="utf-8") as file:
                file.write(text.replace(old, new))

    def expect(self, command, lines, text, matches, seconds=60):
        wanted, said, is_match = pattern(lines), "", False

        def settled():
            # A text may be what a command prints, so each look runs the command again.
            nonlocal said, is_match
            said = text()
            shown = said.replace(self.port, "8080").split("\n")[:-1]
            is_match = matches(wanted, "".join(varied(line) + "\n" for line in shown))
            return is_match or (self.process and self.process.poll() is not None)

        wait_for(settled, seconds)
        self.tally.check(f"$ {command}", is_match, "\n".join(["the page has:", *lines, "and it prints:", said[-3000:]]))


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="wippy-tutorial-") as folder, tempfile.TemporaryFile() as place:
        os.dup2(place.fileno(), 3)
        reader = Reader(tally, folder)
        try:
            for before, lines in blocks():
                if found := re.search(r"(Write|Append to) `([^`]+)`:$", before):
                    reader.write(found[2], lines, "w" if found[1] == "Write" else "a")
                for command, output in steps(lines):
                    reader.follow(command, output)
        finally:
            if reader.process and reader.process.poll() is None:
                os.killpg(reader.process.pid, signal.SIGKILL)
                reader.process.wait()
    print(f"tutorial   {tally.summary()}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
