import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTesting

@Suite("Processes over a reload", .timeLimit(.minutes(15)))
struct ReloadedProcessTests {
    @Test("A process whose host is exchanged runs on the new one")
    func exchangedHost() async throws {
        let index = """
            namespace: app
            entries:
              - {name: patient, kind: process.swift, handler: Patient}
              - {name: host, kind: process.host, lifecycle: {stop_timeout: 5s}}
              - {name: service, kind: process.service, process: patient, host: host, lifecycle: {auto_start: true}}

            """
        let application = try RunningApplication(index, [Patient.self])
        try await eventually("it runs") { Patient.runs.load(ordering: .relaxed) == 1 }
        try await application.reload(index.split(separator: "5s").joined(separator: "6s"))
        try await eventually("it runs on the new host") { Patient.runs.load(ordering: .relaxed) == 2 }
        #expect(Patient.ends.load(ordering: .relaxed) == 1)
        #expect(!application.messages.contains("finished"))
        try await application.stop()
    }
}

private struct Patient: ProcessHandler {
    static let runs = Atomic(0)
    static let ends = Atomic(0)

    init(_ context: HandlerContext) {}

    func run(_ process: ProcessContext) async -> Int {
        Self.runs.add(1, ordering: .relaxed)
        _ = await process.nextEvent()
        Self.ends.add(1, ordering: .relaxed)
        return 0
    }
}
