"""The schema that `schema` prints, by a public validator: python's jsonschema.

Every definition file of ours is accepted. What one entry shows to be wrong is refused: a table of cases, and then random
mistakes in good files, of which the schema and `lint` must think alike.
"""
import copy
import glob
import json
import os
import random
import re
import subprocess
import tempfile

from support import EXAMPLES, ROOT, binary

try:
    import jsonschema
    import yaml
except ImportError as missing:
    jsonschema, reason = None, f"not run: {missing.name} is not there (python3-jsonschema, python3-yaml)"

#: The programs that have a command line; `embedded` has none.
PROGRAMS = ["task-queue", "WippyProbe", *(name for name in EXAMPLES if name != "embedded")]

#: Random mistakes of each program's project.
MISTAKES = 150

#: What `lint` finds in a field by itself. What it says else may depend on other fields, entries and files.
OWN = re.compile(r"^('[^']*' must be (a |an |one of |true|the id |any |\d|-\d|at least|not|host:port)|unknown field|missing field"
                 r"|no kind|'[^']*' cannot be (blank|empty)|.* is not supported)")
#: Of that, what the schema does not tell: durations in several parts and the names in `meta` are not looked at, nor is a
#: number that is written as a text, as the core schema of YAML reads it.
APPROXIMATE = re.compile(r"got '?-?\d*\.?\d*[a-zµ]+\d|did you mean 'meta\.|must be true or false in lower case|from the variable ")


def run(tally, arguments):
    if jsonschema is None:
        return tally.skip("the schema of definition files", reason)
    schemas = {name: schema(name) for name in ["wippy-swift", *PROGRAMS]}
    for name, validator in schemas.items():
        tally.check(f"{name}: the schema is one", not metaschema_errors(validator), "")
    accept(tally, schemas)
    refuse(tally, schemas)
    for name in PROGRAMS:
        compare(tally, name, PROJECTS[name], schemas[name], random.Random(arguments.seed))


def schema(name):
    """The validator of the schema that a program prints."""
    with tempfile.TemporaryDirectory() as folder:
        text = subprocess.run([binary(name), "schema"], cwd=folder, capture_output=True, check=True).stdout
    return jsonschema.Draft202012Validator(json.loads(text))


def metaschema_errors(validator):
    return list(jsonschema.Draft202012Validator(jsonschema.Draft202012Validator.META_SCHEMA).iter_errors(validator.schema))


class CoreLoader(yaml.SafeLoader if jsonschema else object):
    """YAML by the core schema of version 1.2, as definition files are read: `no` and `on` are texts."""


if jsonschema:
    CoreLoader.yaml_implicit_resolvers = {}
    for tag, expression, first in [
            ("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
            ("bool", r"^(true|True|TRUE|false|False|FALSE)$", list("tTfF")),
            ("int", r"^[-+]?[0-9]+$|^0x[0-9a-fA-F]+$", list("-+0123456789")),
            ("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", list("-+.0123456789")),
            ("merge", r"^<<$", ["<"])]:
        CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(expression), first)
    CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 16 if "x" in node.value else 10))
    CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def load(text):
    return yaml.load(text, CoreLoader)


def problem(validator, value):
    """The first thing that is wrong, with its place; nothing if all is right."""
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    return error and f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"


# The files that must be accepted.

#: The projects of programs of their own.
PROJECTS = {"task-queue": ROOT, "WippyProbe": os.path.join(ROOT, "Tests", "Probe"),
            **{name: os.path.join(ROOT, "examples", name) for name in EXAMPLES}}


def accept(tally, schemas):
    for name, project in PROJECTS.items():
        for path in glob.glob(os.path.join(project, "src", "**", "*.yaml"), recursive=True):
            with open(path, encoding="utf-8") as file:
                value = load(file.read())
            found = problem(schemas.get(name, schemas["wippy-swift"]), value)
            tally.check(f"accepted: {os.path.relpath(path, ROOT)}", not found, found)
    for page in glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True) + [os.path.join(ROOT, "README.md")]:
        with open(page, encoding="utf-8") as file:
            blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```$", file.read())
        for number, block in enumerate(blocks, 1):
            value = load(block)
            if not isinstance(value, dict) or "namespace" not in value or "kind" not in block:
                continue
            found = problem(schemas["own-kind"], value) and problem(schemas["wippy-swift"], value)
            tally.check(f"accepted: {os.path.relpath(page, ROOT)}, block {number}", not found, found)
    for title, text in GOOD.items():
        found = problem(schemas["wippy-swift"], load(text))
        tally.check(f"accepted: {title}", not found, found)


GATEWAY = """
namespace: app
entries:
  - name: gateway
    kind: http.service
    addr: ":8080"
"""
QUEUE = """
namespace: app
entries:
  - name: queue
    kind: queue.queue
    driver: driver
"""
ROUTER = """
namespace: app
entries:
  - name: router
    kind: http.router
    meta: {server: gateway}
"""

GOOD = {
    "an address from a variable": GATEWAY.replace('":8080"', '"${env:ADDR|:8080}"'),
    "an address from a variable in capitals": GATEWAY.replace('":8080"', '"${ADDR|:8080}"'),
    "an address by its variable": GATEWAY.replace("addr:", "addr_env:").replace('":8080"', "ADDR"),
    "an address by its variable and else by itself": GATEWAY + "    addr_env: ADDR\n",
    "a number from a variable": GATEWAY + '    limits: {connections: "${env:MOST}", connections_env: MOST}\n',
    "a value from a file": GATEWAY.replace('":8080"', "file://addr.txt"),
    "fields without values": GATEWAY + "    access_log:\n    timeouts:\n    limits: {body: }\n",
    "fields below data": GATEWAY.replace("    addr:", "    data:\n      addr:"),
    "a file that is one entry": 'version: "1.0"\nnamespace: app\nname: gateway\nkind: http.service\naddr: ":80"\n',
    "a file that is one entry, with data": 'namespace: app\nname: gateway\nkind: http.service\ndata: {addr: ":80"}\n',
    "the file's meta": ROUTER.replace("    meta: {server: gateway}\n", "").replace("entries:", "meta: {server: gateway}\nentries:"),
    "meta of the user's": ROUTER.replace("{server: gateway}", "{server: gateway, owner: me, tags: [a, b]}"),
    "durations": GATEWAY + "    timeouts: {header: 1m30s, body: 1.5s, idle: 100ms, read: 24h}\n",
    "a duration of nothing": QUEUE + "    publish_timeout: 0\n",
    "a duration with a sign": QUEUE + "    publish_timeout: +10s\n",
    "sizes": GATEWAY + "    limits: {body: 10 MiB, header_bytes: 65536}\n",
    "a size as a text": GATEWAY + "    limits: {body: '1048576'}\n",
    "an address of IPv6": GATEWAY.replace(":8080", "[::1]:8080"),
    "an address by name": GATEWAY.replace(":8080", "localhost:0"),
    "a field that has no effect": GATEWAY + "    host: {buffer_size: 5}\n",
    "options in whole names": ROUTER + "    middleware: [cors]\n    options: {cors.allow.origins: localhost, cors.max.age: 24h}\n",
    "options that nest": ROUTER + "    middleware: [cors]\n    options: {cors: {allow: {origins: localhost}, max.age: '60'}}\n",
    "options in older names": ROUTER + "    middleware: [cors]\n    options: {allow_origins: localhost, max_age: 60}\n",
    "requirements, short and long": GATEWAY + "    lifecycle: {requires: [db, {id: app:migrate, condition: completed}]}\n",
    "a switch of SQLite's": "namespace: a\nentries: [{name: d, kind: db.sql.sqlite, file: x.db, options: "
                            "{foreign_keys: on, synchronous: full, cache_size: '-2000', secure_delete: fast}}]",
    "an older name": "namespace: a\nentries: [{name: v, kind: env.variable, variable: X, readonly: true, default: 5}]",
    "any fields where a kind takes any": "namespace: a\nentries: [{name: r, kind: registry.entry, version: 2, a: [1, {b: c}]}]",
    "anchors and merges": "namespace: a\nx-lifecycle: &l {auto_start: true}\nentries: "
                          "[{name: h, kind: process.host, lifecycle: {<<: *l}}]",
    "no entries yet": "namespace: app\nentries: []\n",
}


# What must be refused.

BAD = {
    "an unknown kind": (GATEWAY, "http.service", "http.sevice"),
    "a kind of wippy's that is not there": (GATEWAY, "http.service", "process.wasm"),
    "no kind": (GATEWAY, "    kind: http.service\n", ""),
    "no name": (GATEWAY, "- name: gateway\n    kind", "- kind"),
    "a blank name": (GATEWAY, "name: gateway", "name: ' '"),
    "no namespace": (GATEWAY, "namespace: app\n", ""),
    "a namespace with a colon": (GATEWAY, "namespace: app", "namespace: a:b"),
    "no entries": (GATEWAY, GATEWAY[GATEWAY.index("entries"):], ""),
    "entries that are a map": (GATEWAY, GATEWAY[GATEWAY.index("entries"):], "entries: {a: b}"),
    "an entry that is a text": (GATEWAY, GATEWAY[GATEWAY.index("  - name"):], "  - gateway"),
    "an unknown field": (GATEWAY, "addr:", "adr: 1\n    addr:"),
    "an unknown field below another": (GATEWAY, "    addr:", "    timeouts: {heder: 1s}\n    addr:"),
    "an unknown field below data": (GATEWAY, "    addr:", "    data:\n      foo: 1\n      addr:"),
    "a name below data": (GATEWAY, "    addr:", "    data:\n      name: x\n      addr:"),
    "an unknown option": (ROUTER, "    meta", "    options: {cors.allow.orgins: '*'}\n    meta"),
    "an unknown field of lifecycle": (GATEWAY, "    addr:", "    lifecycle: {autostart: true}\n    addr:"),
    "an unknown field of a requirement": (GATEWAY, "    addr:", "    lifecycle: {requires: [{id: a, when: ready}]}\n    addr:"),
    "a requirement without an id": (GATEWAY, "    addr:", "    lifecycle: {requires: [{condition: ready}]}\n    addr:"),
    "a missing field": (GATEWAY, '    addr: ":8080"\n', ""),
    "a missing field without a value": (GATEWAY, '":8080"', ""),
    "a missing field of meta": (ROUTER, "{server: gateway}", "{serve: gateway}"),
    "no meta where there must be": (ROUTER, "    meta: {server: gateway}\n", ""),
    "a field that is not supported": (GATEWAY, "    addr:", "    tls: {mode: auto}\n    addr:"),
    "a text for a truth value": (GATEWAY, "    addr:", "    access_log: 'yes'\n    addr:"),
    "a text for a number": (GATEWAY, "    addr:", "    limits: {connections: many}\n    addr:"),
    "a quoted number": (GATEWAY, "    addr:", "    limits: {connections: '5'}\n    addr:"),
    "a fraction for a whole number": (GATEWAY, "    addr:", "    limits: {connections: 1.5}\n    addr:"),
    "a number out of range": (GATEWAY, "    addr:", "    limits: {connections: 0}\n    addr:"),
    "a number past its range": (GATEWAY, "    addr:", "    limits: {connections: 1000001}\n    addr:"),
    "a fraction out of range": (QUEUE, "    driver:", "    retry: {jitter: 1.5}\n    driver:"),
    "a map for a text": (GATEWAY, '":8080"', "{host: a}"),
    "a text for a map": (GATEWAY, "    addr:", "    timeouts: 5s\n    addr:"),
    "a number for a list": (ROUTER, "    meta", "    middleware: 5\n    meta"),
    "an unknown middleware": (ROUTER, "    meta", "    middleware: [crs]\n    meta"),
    "a duration without a unit": (QUEUE, "    driver:", "    publish_timeout: 10\n    driver:"),
    "a duration of an unknown unit": (QUEUE, "    driver:", "    publish_timeout: 10d\n    driver:"),
    "a duration with a space": (QUEUE, "    driver:", "    publish_timeout: 10 s\n    driver:"),
    "a duration past its range": (QUEUE, "    driver:", "    publish_timeout: 25h\n    driver:"),
    "a duration past its range in seconds": (QUEUE, "    driver:", "    publish_timeout: 86401s\n    driver:"),
    "a duration before its range": (GATEWAY, "    addr:", "    timeouts: {header: 999us}\n    addr:"),
    "a duration of nothing out of range": (GATEWAY, "    addr:", "    timeouts: {header: 0}\n    addr:"),
    "a negative duration": (QUEUE, "    driver:", "    publish_timeout: -1s\n    driver:"),
    "a size of an unknown unit": (GATEWAY, "    addr:", "    limits: {body: 10Mib}\n    addr:"),
    "a size with a fraction": (GATEWAY, "    addr:", "    limits: {body: 1.5MiB}\n    addr:"),
    "a size past its range": (GATEWAY, "    addr:", "    limits: {header_bytes: 1025KiB}\n    addr:"),
    "a size before its range": (GATEWAY, "    addr:", "    limits: {header_bytes: 1023}\n    addr:"),
    "an id that is a number": (QUEUE, "driver: driver", "driver: 5"),
    "an id that is a list": (QUEUE, "driver: driver", "driver: [a]"),
    "an id without a name": (QUEUE, "driver: driver", "driver: 'app:'"),
    "an id without a namespace": (QUEUE, "driver: driver", "driver: ':driver'"),
    "an address without a port": (GATEWAY, ":8080", "localhost"),
    "an address that is a port": (GATEWAY, '":8080"', "8080"),
    "an address with a port past the last": (GATEWAY, ":8080", ":65536"),
    "an address of IPv6 without brackets": (GATEWAY, ":8080", "::1:8080"),
    "an address that is a mistyped number": (GATEWAY, ":8080", "127.0.0.1.5:80"),
    "a path without a slash": (ROUTER, "    meta", "    prefix: api\n    meta"),
    "a word that is not among the choices": (GATEWAY, "    addr:", "    lifecycle: {startup: optinal}\n    addr:"),
    "a switch of SQLite's that is none": ("namespace: a\nentries: [{name: d, kind: db.sql.sqlite, file: x, foreign_keys: maybe}]", "", ""),
    "a database's file that is a folder": ("namespace: a\nentries: [{name: d, kind: db.sql.sqlite, file: data/..}]", "", ""),
    "a number of SQLite's past its range": ("namespace: a\nentries: [{name: d, kind: db.sql.sqlite, file: x, options: {wal_autocheckpoint: 0}}]", "", ""),
    "a variable's name that is a list": (GATEWAY, "    addr:", "    addr_env: [A]\n    addr:"),
}

#: What the handlers and kinds of a program refuse: the program, its entry.
OWN_BAD = {
    "a handler that is not registered": ("WippyProbe", "kind: function.swift, handler: Ecko"),
    "a handler of processes for a function": ("WippyProbe", "kind: function.swift, handler: LastWord"),
    "an unknown field of a handler's configuration": ("WippyProbe", "kind: process.swift, handler: LastWord, config: {lst: 1}"),
    "a wrong value in a handler's configuration": ("WippyProbe", "kind: process.swift, handler: LastWord, config: {last: x}"),
    "a configuration where a handler has none": ("WippyProbe", "kind: function.swift, handler: Echo, config: {a: 1}"),
    "a duration of a kind of the program's": ("own-kind", "kind: clock.ticker, func: f, interval: 5x"),
    "an unknown option of a driver of the program's": ("own-kind", "kind: queue.queue, driver: d, driver_options: {folder: {max: 1}}"),
}


def refuse(tally, schemas):
    for title, (text, old, new) in BAD.items():
        value = load(text.replace(old, new) if old else text)
        tally.check(f"refused: {title}", problem(schemas["wippy-swift"], value), str(value)[:300])
    for title, (name, fields) in OWN_BAD.items():
        value = load(f"namespace: a\nentries: [{{name: x, {fields}}}]")
        tally.check(f"refused: {title}", problem(schemas[name], value), str(value)[:300])


# Random mistakes, of which the schema and `lint` must think alike.

VALUES = ["x", "", " ", ":", "a:", 0, -1, 7, 10**9, 10**13, 1.5, True, [], ["x"], {}, {"x": 1}, "10s", "25h", "10", "3 parsecs", "10MiB",
          "9999GiB", "1.5MiB", ":80", "::", "app:db", "/a", "a?b", "true", "${env:HOME}", "ON", None]


def compare(tally, name, project, validator, draw):
    path = os.path.join(project, "src", "_index.yaml")
    with open(path, encoding="utf-8") as file:
        good = load(file.read())
    differing = []
    for _ in range(MISTAKES if name == "WippyProbe" else MISTAKES // 5):
        bad = copy.deepcopy(good)
        what = mistake(bad["entries"], draw)
        refusal, errors = problem(validator, bad), lint(name, bad)
        own = [error for error in errors if OWN.match(error) and not APPROXIMATE.search(error)]
        if refusal and not errors:
            differing.append(f"{what}: lint accepts it, the schema says: {refusal}")
        if own and not refusal:
            differing.append(f"{what}: the schema accepts it, lint says: {own[0]}")
    tally.check(f"{name}: the schema refuses the mistakes that lint finds in a field", not differing,
                f"{len(differing)} differ\n      " + "\n      ".join(differing[:8]))


def lint(name, value):
    """The errors that `lint` finds in a project of one definition file."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "src"))
        with open(os.path.join(folder, "src", "_index.json"), "w", encoding="utf-8") as file:
            json.dump(value, file)
        output = subprocess.run([binary(name), "lint", "--json"], cwd=folder, capture_output=True, check=False,
                                env={**os.environ, "SWIFT_BACKTRACE": "enable=no"}).stdout
    return [one["message"] for one in json.loads(output)["diagnostics"] if one["severity"] == "error"]


def mistake(entries, draw):
    """Makes one mistake, or what may be one, in a random entry; says what."""
    index = draw.randrange(len(entries))
    entry = entries[index]
    maps = [(entry["name"], entry)] + [(f"{entry['name']}.{key}", value) for key, value in entry.items()
                                      if isinstance(value, dict) and value and key not in ("uses", "imports", "values", "meta")]
    where, fields = draw.choice(maps)
    key = draw.choice([key for key in fields if fields is not entry or key not in ("name", "kind")] or ["lifecycle"])
    match draw.randrange(5):
        case 0 if key in fields and key != "meta":
            del fields[key]
            return f"{where} without {key}"
        case 1 if key in fields and key != "meta":
            name = key[:-1] + draw.choice("xyz")
            fields[name] = fields.pop(key)
            return f"{where}.{key} as {name}"
        case 2 if fields is entry:
            entry["kind"] = draw.choice(["http.service", "queue.queue", "process.host", "env.variable", "x.y"])
            return f"{where} as {entry['kind']}"
        case 3 if fields is entry:
            entry.setdefault("lifecycle", {})
            if isinstance(entry["lifecycle"], dict):
                one = draw.choice(["auto_start", "start_timeout", "startup", "stable_threshold", "restart", "requires"])
                entry["lifecycle"][one] = draw.choice(VALUES)
                return f"{where}.lifecycle.{one} = {entry['lifecycle'][one]!r}"
    if key in ("meta", "uses"):
        key = "lifecycle"
    fields[key] = draw.choice(VALUES)
    return f"{where}.{key} = {fields[key]!r}"
