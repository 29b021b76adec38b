import Foundation
import Testing
import WippyTesting

/// One of the built programs as a child process, in a folder with a copy of this repository's application.
final class ChildApplication {
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let folder: TemporaryFolder
    private let process: ChildProcess
    private let log: String

    /// Starts a program with a database and a port of its own.
    init(
        _ program: String = "task-queue", in folder: TemporaryFolder, _ arguments: [String],
        environment: [String: String] = [:]
    ) throws {
        self.folder = folder
        log = folder.file("log-\(UUID().uuidString)")
        process = try ChildProcess(
            Self.binary(program).path, arguments, in: folder.path,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, log: log)
    }

    /// A folder with a copy of `src`, or of the sources of another application of this repository, changed by `edit`.
    static func project(of sources: String = "src", _ edit: (String) -> String = { $0 }) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let index = try String(contentsOf: repository.appending(path: "\(sources)/_index.yaml"), encoding: .utf8)
        try folder.write(edit(index), to: "src/_index.yaml")
        return folder
    }

    /// A program beside the test bundle.
    static func binary(_ name: String) -> URL {
        var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while !FileManager.default.isExecutableFile(atPath: folder.appending(path: name).path), folder.path != "/" {
            folder.deleteLastPathComponent()
            if folder.lastPathComponent == ".build" { folder.append(path: "debug") }
        }
        return folder.appending(path: name)
    }

    /// Everything that the program has printed.
    var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    var isRunning: Bool { process.exitStatus == nil }

    var id: Int32 { process.id }

    /// The port that the program says it listens on.
    func port() async throws -> Int {
        try await eventually("it listens or has ended") { self.listeningPort != nil || !self.isRunning }
        return try #require(listeningPort, "\(output)")
    }

    private var listeningPort: Int? {
        let line = output.split(separator: "\n").last { $0.contains("listening address=") }
        return line?.split(separator: ":").last.flatMap { Int($0) }
    }

    func signal(_ number: Int32) { process.signal(number) }

    /// The exit status, once the program has ended; below zero, the number of the signal that ended it.
    func exitStatus() async throws -> Int32 {
        try await eventually("the program has ended") { !self.isRunning }
        return try #require(process.exitStatus)
    }
}
