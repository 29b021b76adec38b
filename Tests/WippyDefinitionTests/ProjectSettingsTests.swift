import Testing
import WippyDefinition
import WippyValues

@Suite("Settings of a project")
struct ProjectSettingsTests {
    private struct Mail: SettingsSection {
        static let section = "mail"
        let sender: String
        let copies: [String]

        init(from fields: inout FieldReader) {
            sender = fields.optional("sender", default: "nobody@a.b", "The sender.")
            copies = fields.optional("copies", default: [], "Who gets copies.")
        }
    }

    private static func settings(_ sections: ValueMap) -> ProjectSettings {
        var fields = FieldReader(sections, unknownFields: .error)
        return ProjectSettings(from: &fields, sections: [Mail.self])
    }

    @Test("A section of a program has the values of the file, and else its defaults")
    func sections() {
        let mail = Self.settings(["version": "1.0", "mail": ["copies": ["x@a.b"]]])[Mail.self]
        #expect(mail.sender == "nobody@a.b" && mail.copies == ["x@a.b"])
        #expect(ProjectSettings()[Mail.self] == .standard)
    }

    @Test("The settings that a reload leaves as they are have names; a default counts as written")
    func namesNeedingRestart() {
        let old = Self.settings(["version": "1.0", "shutdown": ["timeout": "30s"]])
        #expect(old.namesNeedingRestart(for: Self.settings(["version": "1.0"])).isEmpty)
        let new = Self.settings([
            "version": "1.0", "runtime": ["loops": 2], "shutdown": ["timeout": "5s"], "mail": ["sender": "x@a.b"],
            "disable": ["namespaces": ["a"]],
        ])
        #expect(old.namesNeedingRestart(for: new) == ["mail", "runtime.loops", "shutdown.timeout"])
    }
}
