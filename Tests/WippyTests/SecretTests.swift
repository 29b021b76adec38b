import Testing
import Wippy
import WippyDefinition
import WippyRuntime
import WippyTesting
import WippyText

/// A secret put into every field of every kind, which nothing that `lint` and `run` say may show.
@Suite("Secrets")
struct SecretTests {
    /// What nobody may read, as texts that fields take for lists, maps, paths, files, addresses and ids, too.
    private static let texts = [
        "hunter2", "[hunter2, b]", "{hunter2: hunter2}", "~/hunter2", "file://hunter2", "hunter2:hunter2",
        "/hunter2/..",
        "hunter2 ${env:hunter2}", "1hunter2s", ":mem hunter2",
    ]

    private static let kinds: [any ProgramPart] = .standard + [MailKind()]

    private static let fields = KindCatalog(kinds).manual.flatMap { kind in
        (kind.fields + kind.fieldsOfOthers).map { (kind: kind.name, path: $0.path, isSecret: $0.isSecret) }
    }

    /// A project in which each field of each kind holds a value; and where, for those who look for it.
    private static func project(_ value: String) -> String {
        var index = """
            namespace: app
            entries:
              - {name: s, kind: env.variable, variable: S, secret: true}
            """
        for (number, field) in fields.enumerated() {
            // An element of a list, and a field of any name, are written as the manual names them.
            let path = field.path == "*" ? "any" : field.path.replacing("[]", with: "")
            var lines = "\n  - name: e\(number)\n    kind: \(field.kind)"
            let names = path.split(separator: ".")
            for (depth, name) in names.enumerated() {
                let indent = String(repeating: "  ", count: depth + 2)
                lines += "\n\(indent)\(name):" + (depth == names.count - 1 ? " \(value)" : "")
            }
            index += lines
        }
        return index + "\n"
    }

    /// All that is said of a project.
    private func said(of index: String, _ text: String, overrides: [String] = []) throws -> String {
        let folder = try TemporaryFolder()
        try folder.write(index, to: "src/_index.yaml")
        let project = CheckedProject(
            at: folder.path, overrides: overrides, environment: SystemVariables(["S": text]),
            in: Program(kinds: KindCatalog(Self.kinds)))
        let report = project.report
        let printer = DiagnosticPrinter(sources: project.sources)
        // The lines, with their excerpts, what `run` fails with, and what a debugger or a careless log line shows.
        return printer.text(of: report, on: project.entryCount) + "\(InvalidProject(report: report))"
            // What `registry show` has to show.
            + project.declarations.map { "\(project.fields(of: $0) ?? [])" }.joined()
            + project.plan.entries.map { "\(String(reflecting: $0.config)) \($0.config) \($0.origins)" }.joined()
    }

    @Test(
        "The text of a secret variable is shown nowhere, in whichever field it stands and however",
        arguments: [
            "${env:S}", "'x ${env:S} y'", "['${env:S}']", "{a: '${env:S}'}", "[{name: '${env:S}', id: '${env:S}'}]",
        ])
    func variables(_ value: String) throws {
        let index = Self.project(value)
        for text in Self.texts {
            let said = try said(of: index, text)
            #expect(said.contains("secret"), "nothing is said of \(value)")
            #expect(!said.contains("hunter2"), "\(value) with \(text): \(line(of: said))")
        }
    }

    @Test("Nor by a field that names the variable, nor by an override")
    func otherWays() throws {
        let named = Self.fields.enumerated().filter { !$0.element.path.contains("*") && !$0.element.path.contains("[") }
        let overrides = named.map { "app:e\($0.offset):\($0.element.path)=${env:S}" }
        let variables = named.map { "app:e\($0.offset):\($0.element.path)_env=S" }
        let index = Self.project("")
        for text in Self.texts {
            for options in [overrides, variables] {
                let said = try said(of: index, text, overrides: options)
                #expect(said.contains("secret") && !said.contains("hunter2"), "\(text): \(line(of: said))")
            }
        }
    }

    @Test("What stands in a field for secrets is shown nowhere, whoever wrote it")
    func inlineSecrets() throws {
        let secrets = Self.fields.enumerated().filter(\.element.isSecret)
        #expect(secrets.count >= 3)
        // The names of a map are none.
        for value in ["hunter2", "[hunter2]", "{a: [hunter2]}", "{a: hunter2}", "'1 hunter2'"] {
            var index = "namespace: app\nentries:"
            for (number, field) in secrets {
                index += "\n  - {name: e\(number), kind: \(field.kind), secret: true, \(field.path): \(value)}"
            }
            let overrides = secrets.map { "app:e\($0.offset):\($0.element.path).x.y=1" }
            for options in [[], overrides] {
                let said = try said(of: index + "\n", "", overrides: options)
                #expect(!said.contains("hunter2"), "\(value): \(line(of: said))")
            }
        }
    }

    private func line(of said: String) -> Substring {
        said.split(separator: "\n").first { $0.contains("hunter2") } ?? ""
    }
}

/// A kind with fields for secrets.
private struct MailKind: EntryKind {
    static let name: KindName = "mail"
    static let summary = "A mail server."

    struct Config: EntryConfig {
        let password: Secret
        let tokens: [Secret]
        let keys: [ExactText: Secret]

        init(from fields: inout FieldReader) {
            password = fields.required("password", "The password.")
            tokens = fields.optional("tokens", default: [], "What clients show.")
            keys = fields.optional("keys", default: [:], "Keys by their names.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> { .nothing }
}
