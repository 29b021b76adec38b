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

    @Test("Two spellings of a text that Unicode takes as equal are two texts")
    func spellings() throws {
        let composed = try plan(file: "caf\u{E9}.db")
        #expect(PlanDifference(from: composed, to: try plan(file: "caf\u{E9}.db")).isEmpty)
        #expect(PlanDifference(from: composed, to: try plan(file: "caf\u{E9}.db", title: "Ö")).isEmpty)
        let difference = PlanDifference(from: composed, to: try plan(file: "cafe\u{301}.db"))
        #expect("\(difference)" == "~ app:data\n~ app:db")
    }
}
