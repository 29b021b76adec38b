import Glibc
import Testing
import WippyDefinition
import WippyTestTools
import WippyText

@Suite("Reading a project's folder")
struct SourceSetTests {
    private let entry = "namespace: app\nname: NAME\nkind: k\n"

    /// The ids declared in a folder and the lines of its report.
    private func read(
        _ folder: TemporaryFolder, limits: SourceLimits = .standard
    ) -> (ids: [String], lines: [String], definitions: DefinitionSet) {
        var report = Report()
        let project = Project(at: folder.path, limits: limits, report: &report)
        let sources = SourceSet(project, limits: limits, report: &report)
        let definitions = DefinitionSet(sources, settings: project.settings, report: &report)
        return (definitions.entries.map(\.id.name), report.diagnostics.map(\.description), definitions)
    }

    private func declaring(_ name: String) -> String { entry.replacing("NAME", with: name) }

    @Test("Files are read in lexical order")
    func order() throws {
        let folder = try TemporaryFolder()
        for name in ["b/a.yaml", "a.yaml", "b.yaml", "B.yml", "b/node_modules/x.yaml"] {
            try folder.write(declaring(name), to: "src/\(name)")
        }
        try folder.write("{\"namespace\": \"app\", \"name\": \"aa.json\", \"kind\": \"k\"}", to: "src/aa.json")
        #expect(read(folder).ids == ["B.yml", "a.yaml", "aa.json", "b/a.yaml", "b.yaml"])
    }

    @Test("What begins with a dot is not read: folders, files, an editor's link that leads nowhere")
    func hidden() throws {
        let folder = try TemporaryFolder()
        try folder.write(declaring("seen"), to: "src/a.yaml")
        for name in [".git/x.yaml", ".vscode/settings.json", "._x.yaml", "a/.hidden.yml", ".\u{301}x.yaml"] {
            try folder.write("{ // no definition", to: "src/\(name)")
        }
        try folder.link("src/.#_index.yaml", to: "me@host.1234")
        let result = read(folder)
        #expect(result.ids == ["seen"])
        #expect(result.lines.isEmpty)
    }

    @Test("A link that leads nowhere, or around in a circle, may stand for a folder with entries, and is reported")
    func linksToNothing() throws {
        let folder = try TemporaryFolder()
        try folder.write(declaring("seen"), to: "src/a.yaml")
        try folder.link("src/lost", to: "nowhere")
        try folder.link("src/round", to: "round")
        let result = read(folder)
        #expect(result.ids == ["seen"])
        #expect(
            result.lines == [
                "src/lost: warning: the symbolic link leads nowhere; it is left out",
                "src/round: error: the file or folder cannot be read: Too many levels of symbolic links",
            ])
    }

    @Test("A name that begins with a combining mark is a name like any other")
    func combiningMark() throws {
        let folder = try TemporaryFolder()
        try folder.write(declaring("a") + "text: file://\u{301}.txt\n", to: "src/\u{301}/\u{301}.yaml")
        try folder.write("here", to: "src/\u{301}/\u{301}.txt")
        let result = read(folder)
        #expect(result.lines.isEmpty)
        #expect(result.definitions.entries.first?.data["text"]?.scalar?.text == "here")
    }

    @Test("A name that is not UTF-8 is named in a warning")
    func namesOfOtherEncodings() throws {
        let folder = try TemporaryFolder()
        try folder.write(declaring("seen"), to: "src/é.yaml")
        for name in [[0x63, 0xE9] as [UInt8], [0xC3, 0xA9, 0xFF, 0x80]] {
            let path = Array("\(folder.path)/src/".utf8) + name
            #expect(mkdir(path.map(CChar.init(bitPattern:)) + [0], 0o700) == 0)
        }
        let result = read(folder)
        #expect(result.ids == ["seen"])
        #expect(
            result.lines == [
                "src/c\\xe9: warning: the name is not UTF-8; this file or folder is left out",
                "src/é\\xff\\x80: warning: the name is not UTF-8; this file or folder is left out",
            ])
    }

    @Test("An ending in capitals is none, and is named")
    func endings() throws {
        let folder = try TemporaryFolder()
        try folder.write(declaring("seen"), to: "src/a.yaml")
        try folder.write(declaring("unseen"), to: "src/_INDEX.YAML")
        try folder.write(declaring("unseen"), to: "src/b.Yml")
        try folder.write("hello", to: "src/NOTES.TXT")
        let result = read(folder)
        #expect(result.ids == ["seen"])
        #expect(
            result.lines == [
                "src/_INDEX.YAML: warning: the file is not read: its name must end in '.yaml', not '.YAML'",
                "src/b.Yml: warning: the file is not read: its name must end in '.yml', not '.Yml'",
            ])
    }

    @Test("A JSON file that cannot be read is a warning, whatever is wrong with it")
    func foreignJSON() throws {
        let folder = try TemporaryFolder()
        var limits = SourceLimits()
        (limits.fileBytes, limits.totalBytes, limits.nodes) = (200, 400, 80)
        try folder.write(declaring("seen").padded(to: 90), to: "src/z.yaml")
        try folder.write("{\"a\": 1, // why\n}", to: "src/comment.json")
        try folder.write("{\"a\": \"\(String(repeating: "x", count: 200))\"}", to: "src/large.json")
        try folder.write([0x22, 0xE9, 0x22], to: "src/latin.json")
        try folder.write(String(repeating: "[", count: 65), to: "src/deep.json")
        try folder.write("[\(String(repeating: "1,", count: 90))1]", to: "src/many.json")
        try folder.write(String(repeating: "[", count: 65), to: "src/more.json")
        try folder.link("src/nowhere.json", to: "absent")
        let result = read(folder, limits: limits)
        #expect(result.ids == ["seen"])
        #expect(
            result.lines == [
                "src/comment.json:1:10: warning: expected a key in double quotes; the file is left out",
                "src/deep.json:1:65: warning: lists and maps are nested deeper than 64; the file is left out",
                "src/large.json: warning: the file is larger than 200; the file is left out",
                "src/latin.json:1:2: warning: the file is not UTF-8 text from here on; the file is left out",
                "src/many.json:1:160: warning: the file holds more than 80 values; the file is left out",
                "src/more.json: warning: the file is left out: the files hold more than 400 together",
                "src/nowhere.json: warning: the file does not exist; the file is left out",
            ])
    }

    @Test("A file that a value names is there for it, and nothing is said of it")
    func namedJSON() throws {
        let folder = try TemporaryFolder()
        try folder.write(declaring("x") + "a: file://a.json\nb: file://b.yaml\n", to: "src/x.yaml")
        try folder.write("{ // comment", to: "src/a.json")
        try folder.write("- 1\n", to: "src/b.yaml")
        #expect(read(folder).lines.isEmpty)
    }

    @Test("A link to a folder is followed once; loops of links end")
    func links() throws {
        let folder = try TemporaryFolder()
        try folder.write(declaring("one"), to: "src/a/one.yaml")
        try folder.write(declaring("two"), to: "outside/two.yaml")
        try folder.link("src/a/up", to: "..")
        try folder.link("src/b", to: "a")
        try folder.link("src/c", to: "../outside")
        try folder.link("src/d.yaml", to: "a/one.yaml")
        try folder.link("src/loop.yaml", to: "loop.yaml")
        try folder.link("src/nowhere.yaml", to: "absent")
        let result = read(folder)
        #expect(result.ids == ["one", "two"])
        #expect(
            result.lines == [
                "src/loop.yaml: error: the file cannot be read: Too many levels of symbolic links",
                "src/nowhere.yaml: error: the file does not exist",
            ])
    }

    @Test("A file that is no text says where it stops being one")
    func encoding() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("a: é\nb: ".utf8) + [0xff, 0x41], to: "src/bad.yaml")
        try folder.write(Array("a: é\rb: ".utf8) + [0xff], to: "src/returns.yaml")
        try folder.write([0xff, 0xfe, 0x61, 0], to: "src/wide.yaml")
        try folder.write(Array("\u{feff}".utf8) + Array(declaring("marked").utf8), to: "src/marked.yaml")
        let result = read(folder)
        #expect(result.ids == ["marked"])
        #expect(
            result.lines == [
                "src/bad.yaml:2:4: error: the file is not UTF-8 text from here on",
                "src/returns.yaml:2:4: error: the file is not UTF-8 text from here on",
                "src/wide.yaml:1:1: error: the file is not UTF-8 text from here on",
            ])
    }

    @Test("A folder named like a file is searched; a source that is a file is none")
    func folderNames() throws {
        let folder = try TemporaryFolder()
        try folder.write(declaring("inside"), to: "src/x.yaml/y.yaml")
        #expect(read(folder).ids == ["inside"])
        let other = try TemporaryFolder()
        try other.write("directories: {src: a.yaml}", to: "wippy.lock")
        try other.write(declaring("a"), to: "a.yaml")
        #expect(
            read(other).lines == ["wippy.lock:1:20: error: 'directories.src' names 'a.yaml', which is not a folder"])
    }

    @Test("A file of exactly the limit is read, one byte more is not")
    func fileLimit() throws {
        let folder = try TemporaryFolder()
        var limits = SourceLimits()
        limits.fileBytes = 64
        try folder.write(declaring("x").padded(to: 64), to: "src/fits.yaml")
        try folder.write(declaring("y").padded(to: 65), to: "src/large.yaml")
        let result = read(folder, limits: limits)
        #expect(result.ids == ["x"])
        #expect(result.lines == ["src/large.yaml: error: the file is larger than 64"])
    }

    @Test("All files together are bounded, the texts of file:// values included")
    func totalLimit() throws {
        let folder = try TemporaryFolder()
        var limits = SourceLimits()
        limits.totalBytes = 150
        let text = declaring("x") + "source: file://x.lua\n"
        try folder.write(text.padded(to: 100), to: "src/a.yaml")
        try folder.write(declaring("y").padded(to: 50), to: "src/b.yaml")
        try folder.write(declaring("z"), to: "src/c.yaml")
        try folder.write("!", to: "src/x.lua")
        let result = read(folder, limits: limits)
        #expect(result.ids == ["x", "y"])
        #expect(
            result.lines == [
                "src/a.yaml:4:9: error: app:x: 'file://x.lua' is left out: the files hold more than 150 together",
                "src/c.yaml: error: the file is left out: the files hold more than 150 together",
            ])
    }

    @Test("The search of folders is bounded in number and depth")
    func searchLimits() throws {
        let folder = try TemporaryFolder()
        var limits = SourceLimits()
        (limits.files, limits.depth) = (3, 2)
        for name in ["a", "b", "c"] { try folder.write(declaring(name), to: "src/\(name).yaml") }
        #expect(read(folder, limits: limits).lines.isEmpty)
        try folder.write(declaring("d"), to: "src/d.yaml")
        #expect(read(folder, limits: limits).lines == ["src: error: the source directories hold more than 3 files"])
        limits.files = 100
        try folder.write(declaring("e"), to: "src/x/e.yaml")
        #expect(read(folder, limits: limits).lines.isEmpty)
        try folder.write(declaring("f"), to: "src/x/y/f.yaml")
        #expect(read(folder, limits: limits).lines == ["src/x/y: error: folders nest deeper than 2 levels"])
    }

    @Test("A file:// value cannot leave the source folder by a link")
    func escapeByLink() throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", to: "secret.txt")
        try folder.link("src/link.txt", to: "../secret.txt")
        try folder.write("here", to: "src/here.txt")
        try folder.link("src/inside.txt", to: "here.txt")
        try folder.write(declaring("x") + "a: file://link.txt\nb: file:///inside.txt\n", to: "src/a.yaml")
        let result = read(folder)
        #expect(
            result.lines == ["src/a.yaml:4:4: error: app:x: 'file://link.txt' leads out of the source directory 'src'"])
        #expect(result.definitions.entries.first?.data["b"]?.scalar?.text == "here")
        #expect(result.definitions.entries.first?.data["b"]?.origin == .file("src/inside.txt"))
    }

    @Test("A broken file hides the names that it holds, in its namespace only")
    func hiding() throws {
        let folder = try TemporaryFolder()
        try folder.write("namespace: 'app.x' # here\nentries:\n  - name: lost\n   kind: k\n", to: "src/a.yaml")
        try folder.write("{ \"namespace\":\"json\", \"entries\": [{\"name\": \"lost\"", to: "src/b.json")
        try folder.write("[", to: "src/c.yaml")
        try folder.write("namespace: app\nentries: [{name: kindless}]\n", to: "src/d.yaml")
        let definitions = read(folder).definitions
        let isHidden = { (id: String) in EntryID(id).map(definitions.mayHide) }
        #expect(isHidden("app.x:lost") == true)
        #expect(isHidden("json:lost") == false)
        let reason = definitions.reasonForAbsence(of: EntryID(namespace: "json", name: "lost"))
        let words = "the text ends in the middle of a value; the file is left out"
        #expect(reason == "it may be in src/b.json:1:50: \(words)")
        #expect(isHidden("app:kindless") == true)
        #expect(isHidden("app.x:other") == false)
        #expect(isHidden("app:lost") == false)
    }

    @Test("What is disabled is remembered with the place of its rule")
    func disabled() throws {
        let folder = try TemporaryFolder()
        try folder.write("version: \"1.0\"\ndisable: {entries: ['*:x']}\n", to: ".wippy.yaml")
        try folder.write(declaring("x"), to: "src/x.yaml")
        try folder.write(declaring("y"), to: "src/y.yaml")
        let result = read(folder)
        #expect(result.ids == ["y"])
        #expect(
            result.definitions.disabled == [
                EntryID(namespace: "app", name: "x"): Location(file: ".wippy.yaml", line: 2, column: 21)
            ])
    }
}

extension String {
    /// The text with a comment behind it that fills a number of bytes.
    fileprivate func padded(to bytes: Int) -> String {
        let comment = self + "#"
        return comment + String(repeating: "-", count: max(bytes - comment.utf8.count, 0))
    }
}
