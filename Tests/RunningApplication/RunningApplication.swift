package import Wippy
package import WippyLog
package import WippyTestClient
package import WippyTesting

/// An application that runs in a task of the test.
package final class RunningApplication: Sendable {
    package let log = LogRecorder()
    package let application: Application
    package let folder: TemporaryFolder
    private let task: Task<Void, any Error>

    package init(
        _ index: String, _ handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any ProgramPart] = .standard, settings: Application.Settings = Application.Settings(),
        in folder: TemporaryFolder? = nil, clock: (any RuntimeClock)? = nil
    ) throws {
        self.folder = try folder ?? TemporaryFolder()
        try self.folder.write(index, to: "src/_index.yaml")
        var application = Application(
            project: self.folder.path, handlers: handlers, named: named, kinds: kinds, settings: settings,
            log: Log(to: log))
        application.instruments.clock = clock
        self.application = application
        task = Task { [application] in try await application.run() }
    }

    package var messages: [String] { log.records.map(\.message) }

    package func get(_ path: String) async throws -> TestClient.Response { try await send("GET", path) }

    package func send(
        _ method: String, _ path: String, _ fields: [String] = [], body: String = ""
    ) async throws -> TestClient.Response {
        try await eventually("it listens") { self.port != nil }
        guard let port else { throw NotListening() }
        return try await HTTPClient.send(method, path, to: port, fields: fields, body: body)
    }

    /// The port of the server that has begun to listen last.
    package var port: Int? {
        log.records.last { $0.message == "listening" }.flatMap { record in
            "\(record.metadata)".split { !$0.isNumber }.last.flatMap { Int($0) }
        }
    }

    /// Writes the project anew and has it read again.
    package func change(_ index: String) async throws -> Reload {
        try folder.write(index, to: "src/_index.yaml")
        return await application.reload()
    }

    /// The same, for a project that is to be in force then.
    package func reload(_ index: String) async throws {
        let reload = try await change(index)
        guard case .changed(let change) = reload, change.outcome == .applied else { throw NotApplied(reload: reload) }
    }

    /// No server of the application has begun to listen.
    package struct NotListening: Error {}

    /// A reload has not put its project in force.
    package struct NotApplied: Error {
        let reload: Reload

        package init(reload: Reload) {
            self.reload = reload
        }
    }

    package func stop() async throws {
        task.cancel()
        try await task.value
    }
}
