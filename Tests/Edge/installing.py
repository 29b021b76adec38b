#!/usr/bin/env python3
"""Installs wippy-swift below a folder of its own, and asks Bash, zsh, fish and man about it, those that are there.

Prints what fails, then 'N passed, M failed'; the exit status is 0 only if nothing failed.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from support import ROOT, Tally

#: Asks Bash what it would complete the words to, the last of them.
COMPLETE = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
# Outside of a completion Bash refuses it.
compopt() { :; }
$(complete -p wippy-swift | sed 's/.*-F \\([^ ]*\\).*/\\1/') 2>&1
printf '%s\\n' "${COMPREPLY[@]}"
"""


def output(*command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60, check=False, **options)
    return done.returncode, done.stdout


def completions(script, *words, folder=None):
    return output("bash", "-c", COMPLETE, "bash", script, *words, cwd=folder)[1].split("\n")[:-1]


def bash(tally, script, folder):
    def offers(words, *wanted):
        found = completions(script, *words, folder=folder)
        tally.check(f"Bash completes {words}", set(wanted) <= set(found), found)

    def offers_only(words, *wanted):
        found = completions(script, *words, folder=folder)
        tally.check(f"Bash completes {words} alone so", sorted(found) == sorted(wanted), found)

    offers(["wippy-swift", ""], "init", "run", "lint", "registry", "version", "completions", "manual", "help")
    offers_only(["wippy-swift", "ru"], "run")
    offers(["wippy-swift", "run", "--"], "--override", "--watch", "--json", "--help", "--config")
    offers_only(["wippy-swift", "run", "--wat"], "--watch")
    offers_only(["wippy-swift", "init", "--template", ""], "hello", "task-queue", "worker")
    offers_only(["wippy-swift", "init", "-t", "w"], "worker")
    offers_only(["wippy-swift", "init", "--template", "=", "h"], "hello")
    offers_only(["wippy-swift", "run", "--config", "a f"], "a file.yaml")
    offers_only(["wippy-swift", "run", "--override", "a"], *[""])
    offers_only(["wippy-swift", "nothing", "--"], *[""])


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="wippy-install-") as folder:
        prefix = os.path.join(folder, "a prefix")
        status, text = output("make", "install", f"PREFIX={prefix}", cwd=ROOT)
        tally.check("make install installs", status == 0, text)
        program = os.path.join(prefix, "bin", "wippy-swift")
        tally.check("what is installed runs", output(program, "version")[0] == 0)
        with open(os.path.join(folder, "a file.yaml"), "w", encoding="utf-8"):
            pass
        bash(tally, os.path.join(prefix, "share/bash-completion/completions/wippy-swift"), folder)
        page = os.path.join(prefix, "share/man/man1/wippy-swift.1")
        for tool, command in {
            "zsh": ["zsh", "-n", os.path.join(prefix, "share/zsh/site-functions/_wippy-swift")],
            "fish": ["fish", "--no-execute", os.path.join(prefix, "share/fish/vendor_completions.d/wippy-swift.fish")],
            "man": ["man", "--warnings", "-E", "UTF-8", "-l", page],
        }.items():
            if not shutil.which(tool):
                tally.skip(f"{tool} reads what is installed for it", f"there is no {tool}")
                continue
            status, text = output(*command)
            tally.check(f"{tool} reads what is installed for it", status == 0 and "warning:" not in text, text)
            if tool == "man":
                tally.check("the page has every command and option", all(
                    word in text.replace("\u2010", "-") for word in ["run", "--override", "--template", "EXIT STATUS"]), text)
    print(f"installing {tally.summary()}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
