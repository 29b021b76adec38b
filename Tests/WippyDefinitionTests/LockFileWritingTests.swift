import Testing
import WippyDefinition
import WippyTesting

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
