import Glibc
import Testing
import WippyDefinition
import WippyTestTools

@Suite("Writing a lock file")
struct LockFileWritingTests {
    private func write(over old: String?, sources: String = "./src") throws -> (text: String, existed: Bool) {
        let folder = try TemporaryFolder()
        if let old { try folder.write(old, to: "wippy.lock") }
        let path = folder.path + "/wippy.lock"
        let existed = try Project.writeLockFile(path, sources: sources, modules: ".wippy")
        return (try folder.text(of: "wippy.lock"), existed)
    }

    @Test("A new file has the two folders")
    func new() throws {
        let result = try write(over: nil)
        #expect(result.text == "directories:\n    modules: .wippy\n    src: ./src\n")
        #expect(!result.existed)
    }

    @Test("Of an old file only the folders change")
    func old() throws {
        let result = try write(
            over: "a: 1\ndirectories:\n    src: x\n    other: y\nmodules:\n    - name: a/b # kept\n      version: v1\n")
        let block = "directories:\n    modules: .wippy\n    src: ./src\n"
        #expect(result.text == "a: 1\n\(block)modules:\n    - name: a/b # kept\n      version: v1\n")
        #expect(result.existed)
        #expect(try write(over: "modules: []\n").text == "\(block)modules: []\n")
        #expect(try write(over: "").text == block)
    }

    @Test(
        "Lines are those of the YAML reader, however they end",
        arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"])
    func lineEnds(end: String) throws {
        func lines(_ lines: String...) -> String { lines.map { $0 + end }.joined() }
        let modules = lines("modules:", "    - name: a/b", "      version: v1")
        let old = lines("# a\u{301}", "a: 1", "directories:", "    src: x", "    other: y") + modules
        let block = lines("directories:", "    modules: .wippy", "    src: ./src")
        #expect(try write(over: old).text == lines("# a\u{301}", "a: 1") + block + modules)
        let simple = lines("directories:", "    modules: 'm'", "    src: \"x\" # mine") + modules
        let set = lines("directories:", "    modules: .wippy", "    src: ./src # mine") + modules
        #expect(try write(over: simple).text == set)
        #expect(try write(over: modules).text == block + modules)
    }

    @Test(
        "The fields are set where they stand, and what surrounds them stays",
        arguments: [
            (
                "# a\u{2028}# b\u{85}directories:\n  src: x\n",
                "# a\u{2028}# b\u{85}directories:\n  modules: .wippy\n  src: ./src\n"
            ),
            ("directories:\n  src: x", "directories:\n  modules: .wippy\n  src: ./src"),
            ("directories:\n  # one\n  src: x # two\n\n# three\nb: 1", nil),
            ("'directories':\n  'src': x\n", "'directories':\n  modules: .wippy\n  'src': ./src\n"),
            ("directories:\n  src:\n  modules:\nb: 1", "directories:\n  src: ./src\n  modules: .wippy\nb: 1"),
            ("directories: {src: x} # why\n# end", "directories: # why\n    modules: .wippy\n    src: ./src\n# end"),
            ("directories: {\nsrc: x\n}\nb: 1", "directories:\n    modules: .wippy\n    src: ./src\nb: 1"),
            ("directories:\nb: 1", "directories:\n    modules: .wippy\n    src: ./src\nb: 1"),
            ("directories: text\nb: 1", "directories:\n    modules: .wippy\n    src: ./src\nb: 1"),
            ("---\n# a\nb: 1\n", "---\n# a\ndirectories:\n    modules: .wippy\n    src: ./src\nb: 1\n"),
            ("---\n", "---\ndirectories:\n    modules: .wippy\n    src: ./src\n"),
            ("---", "---\ndirectories:\n    modules: .wippy\n    src: ./src\n"),
            ("b: 1\ndirectories:\n  src: x\n...\n", "b: 1\ndirectories:\n  modules: .wippy\n  src: ./src\n...\n"),
            ("# only\n", "directories:\n    modules: .wippy\n    src: ./src\n# only\n"),
            ("directories:\n  src: |\n    x\nb: 1", "directories:\n    modules: .wippy\n    src: ./src\nb: 1"),
            ("directories:\n  src: a\n    b\nb: 1", "directories:\n    modules: .wippy\n    src: ./src\nb: 1"),
            (
                "directories:\n  # one\n  other: 1\n  # two\nb: 1",
                "directories:\n  # one\n    modules: .wippy\n    src: ./src\n  # two\nb: 1"
            ),
            (
                "directories: { # one\n  src: x, # two\n  modules: '#m',# three\n} # four\nb: 1",
                "directories: # four\n    # one\n    # two\n    # three\n    modules: .wippy\n    src: ./src\nb: 1"
            ),
            (
                "directories: # one\n  src: x#y # two\n  '#': \"z # \" # three\nb: 1 # four",
                "directories: # three\n    # one\n    # two\n    modules: .wippy\n    src: ./src\nb: 1 # four"
            ),
            (
                "directories:\n  src: | # one\n    # x\n  # two\nb: 1",
                "directories:\n    # one\n    modules: .wippy\n    src: ./src\n  # two\nb: 1"
            ),
            (
                "directories:\n  other: &a !!str > # one\n    # x\n  src: [ # two\n    a # three\n    ]\nb: 1",
                "directories:\n    # one\n    # two\n    # three\n    modules: .wippy\n    src: ./src\nb: 1"
            ),
        ] as [(String, String?)])
    func forms(old: String, new: String?) throws {
        let text = try write(over: old).text
        let commented = "directories:\n  # one\n  modules: .wippy\n  src: ./src # two\n\n# three\nb: 1"
        #expect(text == new ?? commented)
        #expect(try write(over: text).text == text)
    }

    @Test(
        "What cannot be changed with certainty is left alone, with a sentence",
        arguments: [
            "{\ndirectories: {src: x},\nb: 1\n}", "? directories\n: {src: x}\n", "--- {directories: {}}",
            "directories: &d {src: x}\nb: *d\n", "directories:\n  src: &s x\nb: *s\n",
            "directories: {src: x}\ndirectories: {src: x}\n", "null\n", "b: 1\n---\nc: 1\n",
            "!!map\nb: 1\n", "directories:\n\tsrc: x\n", "text", "...\n---\n...\n",
        ])
    func certainty(old: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(old, to: "wippy.lock")
        let error = #expect(throws: InvalidProject.self) {
            try Project.writeLockFile(folder.path + "/wippy.lock", sources: "./src", modules: ".wippy")
        }
        #expect(error?.report.errorCount == 1)
        #expect(try folder.text(of: "wippy.lock") == old)
    }

    @Test("A byte order mark stays in front")
    func mark() throws {
        let folder = try TemporaryFolder()
        try folder.write("\u{feff}b: 1\n", to: "wippy.lock")
        _ = try Project.writeLockFile(folder.path + "/wippy.lock", sources: "./src", modules: ".wippy")
        let file = open(folder.path + "/wippy.lock", O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 14)
        #expect(read(file, &bytes, 14) == 14)
        #expect(bytes == Array("\u{feff}directories".utf8))
    }

    private func mode(_ path: String) -> mode_t {
        var found = stat()
        return stat(path, &found) == 0 ? found.st_mode & 0o7777 : 0
    }

    @Test("A new file is everybody's to read, as the umask lets; an old one keeps its mode and its link")
    func modes() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/wippy.lock"
        _ = try Project.writeLockFile(path, sources: "a", modules: ".wippy")
        let mask = umask(0)
        umask(mask)
        #expect(mode(path) == 0o666 & ~mask)
        chmod(path, 0o640)
        _ = try Project.writeLockFile(path, sources: "b", modules: ".wippy")
        #expect(mode(path) == 0o640)
        try folder.write("a: 1\n", to: "real/lock")
        try folder.link("other/wippy.lock", to: "../real/lock")
        _ = try Project.writeLockFile(folder.path + "/other/wippy.lock", sources: "b", modules: ".wippy")
        var link = stat()
        #expect(lstat(folder.path + "/other/wippy.lock", &link) == 0 && link.st_mode & S_IFMT == S_IFLNK)
        #expect(try folder.text(of: "real/lock").hasPrefix("directories:"))
        #expect(access(folder.path + "/other/wippy.lock.\(getpid()).new", F_OK) != 0)
    }

    @Test("Making a project makes its source folder, and nothing twice")
    func initialization() throws {
        let folder = try TemporaryFolder()
        func initialize(_ sources: String) throws -> Project.Initialization {
            try Project.initialize(lockFile: folder.path + "/wippy.lock", sources: sources, modules: ".wippy")
        }
        let first = try initialize("./a/b/")
        #expect(!first.hadLockFile && first.madeSources && first.isEmpty)
        try folder.write("namespace: app\nname: x\nkind: k\n", to: "a/b/c/x.yaml")
        let second = try initialize("./a/b/")
        #expect(second.hadLockFile && !second.madeSources && !second.isEmpty)
        try folder.write("", to: "file")
        let before = try folder.text(of: "wippy.lock")
        #expect(throws: InvalidProject.self) { try initialize("file") }
        #expect(throws: InvalidProject.self) { try initialize("file/below") }
        #expect(try folder.text(of: "wippy.lock") == before)
    }

    @Test(
        "A file that is broken, or not written line by line, is left alone", arguments: ["{modules: []}", "a: [", "[]"])
    func leftAlone(old: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(old, to: "wippy.lock")
        #expect(throws: InvalidProject.self) {
            try Project.writeLockFile(folder.path + "/wippy.lock", sources: "./src", modules: ".wippy")
        }
        #expect(try folder.text(of: "wippy.lock") == old)
    }

    @Test(
        "A folder whose name means something in YAML is read back",
        arguments: ["it's", "a: b", "-x", "1.5", "null", "# c", "é"])
    func oddNames(name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("namespace: app\nname: x\nkind: k\n", to: "\(name)/a.yaml")
        _ = try Project.writeLockFile(folder.path + "/wippy.lock", sources: name, modules: ".wippy")
        var report = Report()
        let sources = SourceSet(Project(at: folder.path, report: &report), report: &report)
        let definitions = DefinitionSet(sources, report: &report)
        #expect(report.diagnostics.isEmpty)
        #expect(definitions.entries.count == 1)
    }
}
