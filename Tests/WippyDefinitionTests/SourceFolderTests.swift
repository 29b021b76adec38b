import Glibc
import Testing
import WippyDefinition
import WippyTestTools

/// The forms of real projects: where their lock files say the sources are.
@Suite("Source folders")
struct SourceFolderTests {
    private let entry = "namespace: app\nname: x\nkind: k\ntext: file://x.lua\nrooted: file:///sub/y.lua\n"

    /// What was read of a project.
    private struct Outcome {
        var texts: [String] = []
        var lines: [String] = []
    }

    /// Reads the project in a folder below a temporary one, as a command does that was started there, or from elsewhere.
    private func read(_ folder: TemporaryFolder, project: String) -> Outcome {
        var report = Report()
        let project = Project(at: "\(folder.path)/\(project)", report: &report)
        let definitions = DefinitionSet(SourceSet(project, report: &report), report: &report)
        return Outcome(
            texts: definitions.entries.flatMap { entry in
                ["text", "rooted"].compactMap { entry.data[$0]?.scalar?.text }
            },
            lines: report.diagnostics.map(\.description))
    }

    @Test(
        "file:// values are read from beside the definition file, wherever the lock file says the sources are",
        arguments: [
            ("p", ".", "p"), ("p", "./", "p"), ("p", "./src", "p/src"), ("p", "src/", "p/src"), ("p", "..", "."),
            ("p", "../", "."), ("p", "../src", "src"), ("p", "../src/.", "src"), ("p", "link", "elsewhere/deep"),
            ("p/sub", "../..", "."), ("p", "./src//", "p/src"), ("p/..", ".", "."),
        ])
    func forms(project: String, sources: String, files: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("directories: {src: \(sources)}\n", to: "\(project)/wippy.lock")
        try folder.write(entry, to: "\(files)/_index.yaml")
        try folder.write("x", to: "\(files)/x.lua")
        try folder.write("y", to: "\(files)/sub/y.lua")
        try folder.write("here", to: "p/kept")
        try folder.write("here", to: "elsewhere/deep/kept")
        try folder.link("p/link", to: "../elsewhere/deep")
        let outcome = read(folder, project: project)
        #expect(outcome.lines.isEmpty)
        #expect(outcome.texts == ["x", "y"])
    }

    @Test(
        "No value leads out of the source directory, whether something stands there or not",
        arguments: [("p", "."), ("p", ".."), ("p", "../src"), ("p", "src/")])
    func leavingFolder(project: String, sources: String) throws {
        let folder = try TemporaryFolder()
        let values = ["file://../../../secret", "file:///../secret", "file://../../../absent", "file://out/secret"]
        let files = "\(project)/\(sources)"
        try folder.write("directories: {src: \(sources)}\n", to: "\(project)/wippy.lock")
        try folder.write("namespace: app\nname: x\nkind: k\nvalues: \(values)\n", to: "\(files)/a/_index.yaml")
        try folder.link("\(files)/a/out", to: "/etc")
        let lines = read(folder, project: project).lines
        #expect(lines.count { $0.contains("leads out of the source directory") } == 3)
        #expect(lines.count { $0.contains("'file://out/secret' does not exist") } == 1)
    }

    @Test("Without a source directory, a project is at its lock file, even if a module has a folder")
    func place() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "directories: {src: src}\nreplacements: [{from: a/one, to: ../one}]\n", to: "p/wippy.lock")
        try folder.write("namespace: one\nname: x\nkind: k\n", to: "one/_index.yaml")
        var report = Report()
        #expect("\(Project(at: "\(folder.path)/p", report: &report).place)" == "wippy.lock")
        #expect(report.errorCount == 1)
        try folder.write("namespace: app\nname: x\nkind: k\n", to: "p/src/_index.yaml")
        #expect("\(Project(at: "\(folder.path)/p", report: &report).place)" == "src")
    }

    @Test("A module's values are bound to its own folder")
    func modules() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            directories: {src: .}
            replacements:
              - {from: a/one, to: ../one}
              - {from: a/two, to: local/two}

            """, to: "p/wippy.lock")
        let other = "text: file://x.lua\nother: file://../../_index.yaml\n"
        try folder.write(entry, to: "p/_index.yaml")
        try folder.write("namespace: one\nname: x\nkind: k\n\(other)", to: "one/src/_index.yaml")
        try folder.write("namespace: two\nname: x\nkind: k\n\(other)", to: "p/local/two/_index.yaml")
        for name in ["p/x.lua", "one/src/x.lua", "p/local/two/x.lua"] { try folder.write(name, to: name) }
        try folder.write("y", to: "p/sub/y.lua")
        let outcome = read(folder, project: "p")
        #expect(outcome.texts == ["p/x.lua", "y", "one/src/x.lua", "p/local/two/x.lua"])
        #expect(
            outcome.lines == [
                "../one/src/_index.yaml:5:8: error: one:x: 'file://../../_index.yaml' leads out of the source directory "
                    + "'../one/src'",
                "local/two/_index.yaml:5:8: error: two:x: 'file://../../_index.yaml' leads out of the source directory "
                    + "'local/two'",
            ])
    }
}
