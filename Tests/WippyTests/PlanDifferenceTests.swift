import Testing
import Wippy
import WippyDefinition
import WippyRuntime
import WippyTesting

@Suite("What differs between two plans")
struct PlanDifferenceTests {
    private func plan(file: String, title: String = "Ü") throws -> Plan {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            namespace: app
            entries:
              - {name: db, kind: db.sql.sqlite, meta: {title: \(title)}, file: \(file)}
              - {name: data, kind: registry.entry, text: \(file)}
            """, to: "src/_index.yaml")
        let project = CheckedProject(at: folder.path, in: Program(kinds: KindCatalog(.standard)))
        #expect(project.report.isValid, "\(project.report.diagnostics)")
        return project.plan
    }

    private struct One: Middleware {
        static let name: ExactText = "one"
        init(_ options: NoConfig) {}
    }

    private struct Other: Middleware {
        static let name: ExactText = "other"
        init(_ options: NoConfig) {}
    }

    @Test("Another middleware whose options are of the same type is a change")
    func middleware() throws {
        let kinds = KindCatalog(.standard(middleware: [One.self, Other.self]))
        func plan(_ list: String) throws -> Plan {
            let folder = try TemporaryFolder()
            try folder.write(
                """
                namespace: app
                entries:
                  - {name: server, kind: http.service, addr: ":0"}
                  - {name: router, kind: http.router, meta: {server: server}, middleware: [\(list)]}
                """, to: "src/_index.yaml")
            return CheckedProject(at: folder.path, in: Program(kinds: kinds)).plan
        }
        let before = try plan("one, cors")
        #expect(PlanDifference(from: before, to: try plan("one, cors")).isEmpty)
        #expect("\(PlanDifference(from: before, to: try plan("other, cors")))" == "~ app:router\n* app:server")
    }

    @Test("Two spellings of a text that Unicode takes as equal are two texts")
    func spellings() throws {
        let composed = try plan(file: "caf\u{E9}.db")
        #expect(PlanDifference(from: composed, to: try plan(file: "caf\u{E9}.db")).isEmpty)
        #expect(PlanDifference(from: composed, to: try plan(file: "caf\u{E9}.db", title: "Ö")).isEmpty)
        let difference = PlanDifference(from: composed, to: try plan(file: "cafe\u{301}.db"))
        #expect("\(difference)" == "~ app:data\n~ app:db")
    }
}
