import Glibc
public import WippyValues

/// The application that runs the project in the working directory, in another process.
///
/// A command asks it with ``ask(_:maxWaiting:_:)``. Its process is found by the sockets in the folder `.wippy/run`.
/// ``OptionReader/runningApplication()`` gives it to your command.
public struct RunningApplication: Sendable {
    /// The process that the user has chosen; nil for the only process that runs the project.
    private let chosen: pid_t?
    private let folder: ControlFolder

    /// - Parameter chosen: the process to ask; nil for the only process that runs the project.
    package init(process chosen: Int32? = nil) {
        self.init(process: chosen, in: .ofProject)
    }

    init(process chosen: pid_t?, in folder: ControlFolder) {
        (self.chosen, self.folder) = (chosen, folder)
    }

    /// Returns the id of the process to ask; nil if the user has chosen none and no process is found.
    ///
    /// - Throws: ``UsageError`` if several processes are found and the user has chosen none, or if the chosen process
    ///   is not found.
    public func process() throws -> Int32? {
        let ids = folder.processes()
        if let chosen {
            guard ids.contains(chosen) else {
                let others = ids.isEmpty ? "no process does" : "these do: \(Self.list(ids))"
                throw UsageError("the process \(chosen) does not run this project; \(others)")
            }
            return chosen
        }
        guard ids.count < 2 else {
            throw UsageError("several processes run this project; choose one with '--pid': \(Self.list(ids))")
        }
        return ids.first
    }

    private static func list(_ ids: [pid_t]) -> String {
        ids.map { "\($0)" }.joined(separator: ", ")
    }

    /// Sends a request, and returns when it is answered.
    ///
    /// The call blocks its thread, so use it only in the `run` of a command. It does not end early if its task is
    /// cancelled.
    ///
    /// - Parameters:
    ///   - request: the request. Its line of JSON can have at most 64 KiB.
    ///   - maxWaiting: the longest time for which the application may be silent. Default: one minute.
    ///   - take: called for each value of the answer, as it arrives.
    /// - Throws: ``ControlError`` if no process is found, if the process cannot be reached, ends or is silent for too
    ///   long, or if the answer is an error or malformed; the errors of ``process()``; the errors of `take`.
    public func ask(
        _ request: ControlRequest, maxWaiting: Duration = .seconds(60), _ take: (Value) throws -> Void
    ) throws {
        guard let id = try process() else {
            throw ControlError("no process runs this project: start it with 'run'")
        }
        try ControlClient(of: id, in: folder, maxWaiting: maxWaiting).ask(request, take)
    }
}

extension OptionReader {
    /// Reads the option `--pid`, by which the user chooses among several processes that run the project.
    ///
    /// - Returns: the application to ask. Nothing looks for its process before you use it.
    public mutating func runningApplication() -> RunningApplication {
        let process = number(
            "pid", valueName: "number", in: 1...Int(pid_t.max),
            "Ask this process. You need the option only if several processes run the project.")
        return RunningApplication(process: process.map { pid_t($0) })
    }
}
