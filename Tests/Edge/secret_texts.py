"""A secret that stands wherever a text can stand in a project is shown by no command, well or badly written.

Each project holds it in one way: declared secret, or in a field for secrets. Every command that looks at a project prints all
that it can, as text, as JSON and on a terminal, and it is in none of it.
"""
import os
import pty
import re
import subprocess
import tempfile

from support import PATIENCE, binary

#: Looks like nothing else that a program prints.
SECRET = "Zq9xHuNtEr2s3cr3t"

HEAD = "namespace: app\nentries:\n  - {name: gateway, kind: http.service, addr: '127.0.0.1:0', lifecycle: {auto_start: true}}\n"
#: A variable that the environment has, and that is a secret.
VARIABLE = HEAD + "  - {name: pw, kind: env.variable, variable: PW, secret: true}\n"

#: Where the text of a secret variable is put, each in an entry of its own: right for secrets alone, wrong anywhere else.
USES = {
    "a duration": "{name: x, kind: db.sql.sqlite, file: ':memory:', busy_timeout: '${env:PW}'}",
    "a path": "{name: x, kind: db.sql.sqlite, file: 'data/${env:PW}/x.db'}",
    "a number": "{name: x, kind: db.sql.sqlite, file: ':memory:', pool: {readers: '${env:PW}'}}",
    "an option": "{name: x, kind: db.sql.sqlite, file: ':memory:', options: {synchronous: '${env:PW}'}}",
    "an address": "{name: x, kind: http.service, addr: '${env:PW}'}",
    "an id": "{name: x, kind: queue.queue, driver: '${env:PW}'}",
    "an attachment": "{name: x, kind: http.router, meta: {server: '${env:PW}'}}",
    "a path of a route": "{name: x, kind: http.endpoint, meta: {router: r}, method: GET, path: '/${env:PW}', func: f}",
    "a handler": "{name: x, kind: function.swift, handler: '${env:PW}'}",
    "a handler's config": "{name: x, kind: function.swift, handler: h, config: {a: '${env:PW}'}}",
    "a kind": "{name: x, kind: '${env:PW}'}",
    "a name": "{name: '${env:PW}', kind: registry.entry}",
    "a key": "{name: x, kind: registry.entry, '${env:PW}': 1}",
    "meta": "{name: x, kind: registry.entry, meta: {comment: 'a ${env:PW} b'}}",
    "data": "{name: x, kind: registry.entry, deep: [{text: '${env:PW}'}]}",
    "a list": "{name: x, kind: process.service, process: p, host: h, input: ['${env:PW}']}",
    "a requirement": "{name: x, kind: http.service, addr: ':0', lifecycle: {requires: ['${env:PW}']}}",
    "a field that names the variable": "{name: x, kind: db.sql.sqlite, file_env: PW}",
    "a kind that is not there": "{name: x, kind: mail.servr, password: '${env:PW}'}",
    "code": "{name: x, kind: function.lua, source: 'return \"${env:PW}\"', method: m}",
}

#: Entries in which the secret itself stands, in a field for secrets or in what was meant for one.
LITERALS = {
    "a default": "{name: x, kind: env.variable, secret: true, default: %s}",
    "a default of the wrong type": "{name: x, kind: env.variable, secret: true, default: [%s]}",
    "a default before a mistake": "{name: x, kind: env.variable, secret: true, default: %s, vriable: A}",
    "a default behind a mistake": "{name: x, kind: env.variable, secret: true, vriable: A, default: %s}",
    "a misspelt default": "{name: x, kind: env.variable, secret: true, defalt: %s}",
    "values": "{name: x, kind: env.storage.static, values: {A: %s}}",
    "values of the wrong type": "{name: x, kind: env.storage.static, values: {A: [%s]}}",
    "a value for a map": "{name: x, kind: env.storage.static, values: %s}",
    "misspelt values": "{name: x, kind: env.storage.static, vlues: {A: %s}}",
    "a kind that is not there": "{name: x, kind: mail.servr, password: %s}",
    "an entry without a kind": "{name: x, password: %s}",
    "a key that stands twice": "{name: x, kind: env.storage.static, values: {A: %s, A: b}}",
    "a line that does not parse": "{name: x, kind: env.variable, secret: true, default: %s: b}",
    "quotes that do not end": "{name: x, kind: env.variable, secret: true, default: \"%s",
    "a block": "name: x\n    kind: env.variable\n    secret: true\n    vriable: A\n    default: %s",
    "a misspelt field of a block": "name: x\n    kind: env.variable\n    secret: true\n    defalt: %s",
}

#: What a file of variables may hold: its lines, well and badly formed.
FILES = ["PW=%s", "PW=\"%s", "%s", "PW %s", "=%s", "P W=%s", "PW='%s' rest", "export PW=%s"]
FILE = HEAD + """  - {name: file, kind: env.storage.file, file_path: .env}
  - {name: pw, kind: env.variable, variable: PW, storage: file, secret: true}
  - {name: x, kind: registry.entry, text: '${env:PW}'}
"""

#: Options and settings that put it into a field for secrets.
STATIC = HEAD + "  - {name: x, kind: env.storage.static, values: {A: b}}\n"
OPTIONS = [["-o", f"app:x:values={SECRET}"], ["-o", f"app:x:values={{A: {SECRET}}}"], ["-o", f"app:x:values.A={SECRET}"],
           ["-o", f"app:x:values.A=[{SECRET}"], ["-o", f"app:x:values.A={SECRET}", "-o", "app:x:values.A.b=1"]]
SETTINGS = [f"override:\n  app:x:values: {{A: {SECRET}}}\n", f"override:\n  app:x:values.A: [{SECRET}]\n",
            f"vars: {{pw: {SECRET}}}\noverride:\n  app:x:values: {{A: '${{pw}}'}}\n",
            f"vars: {{pw: [{SECRET}]}}\noverride:\n  app:x:values: {{A: '${{pw}}'}}\n",
            f"profiles:\n  p: {{override: {{'app:x:values.A': {SECRET}}}}}\n"]


def run(tally, _arguments):
    for title, use in USES.items():
        check(tally, f"in {title}", VARIABLE + f"  - {use}\n", variables={"PW": SECRET})
    for title, entry in LITERALS.items():
        check(tally, f"as {title}", f"{HEAD}  - {entry % SECRET}\n")
    for line in FILES:
        check(tally, f"in a file that says {line % 'it'}", FILE, files={".env": line % SECRET + "\n"})
    for options in OPTIONS:
        check(tally, f"in {options[1].replace(SECRET, 'it')}", STATIC, options=options)
    for settings in SETTINGS:
        check(tally, f"in settings that say {settings!r}".replace(SECRET, "it"), STATIC,
              files={".wippy.yaml": f'version: "1.0"\n{settings}'})


def check(tally, title, index, files=None, variables=None, options=()):
    """Every command, in a project of its own."""
    with tempfile.TemporaryDirectory(prefix="wippy-secret-") as folder:
        for path, text in {"src/_index.yaml": index, **(files or {})}.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(text)
        environment = {**os.environ, **(variables or {}), "SWIFT_BACKTRACE": "enable=no", "TERM": "xterm"}
        for arguments in commands():
            said = output([*arguments, *options], folder, environment)
            shown = next((line for line in said.splitlines() if SECRET in line), "")
            tally.check(f"a secret {title} is not shown by '{' '.join(arguments)}'", SECRET not in said, shown[:300])


def commands():
    """Those that look at a project, each with its forms; those that are not there are left out."""
    help_text = subprocess.run([binary("wippy-swift"), "--help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^  ([a-z-]+) ", help_text, re.MULTILINE))
    forms = [["lint"], ["lint", "--json"], ["lint", "--strict", "--lenient"], ["run"], ["run", "--json", "-v"],
             ["registry", "list", "--json"], ["registry", "list", "--yaml"], ["registry", "show", "x"],
             ["registry", "show", "x", "--json"], ["registry", "show", "x", "--raw"],
             ["registry", "show", "pw"], ["registry", "show", "x", "--field", "values"], ["schema"],
             *[["graph", "--format", form] for form in ("mermaid", "dot", "svg", "json")]]
    return [form for form in forms if form[0] in known]


def output(arguments, folder, environment):
    """What a program prints whose standard output is a terminal; `run` is told to stop once it has started."""
    terminal, end = pty.openpty()
    process = subprocess.Popen([binary("wippy-swift"), *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=end,
                               stderr=end, env=environment)
    os.close(end)
    said, is_stopped = b"", False
    try:
        while piece := os.read(terminal, 65536):
            said += piece
            if arguments[0] == "run" and not is_stopped and b"took" in said:
                process.terminate()
                is_stopped = True
    except OSError:
        pass  # Nobody writes any more.
    os.close(terminal)
    process.wait(30 * PATIENCE)
    return said.decode(errors="replace")
