public import WippyDefinition
import WippyLog
public import WippyRuntime

/// The result of a reload.
public enum Reload: Sendable {
    /// The project was read without errors. `PlanChange.outcome` says whether the change was applied.
    case changed(PlanChange)
    /// The project has errors, or an entry cannot be built. Nothing has changed.
    case invalid(Report)
    /// The application does not run, has not built its entries yet, or is stopping.
    case notRunning
}

extension Log {
    /// Logs the result of a reload in one line, after the errors of a project that has some.
    func tell(_ reload: Reload) {
        switch reload {
        case .notRunning: break
        case .invalid(let report):
            tell(report.diagnostics.filter { $0.severity == .error }, at: .error)
            let count = LogValue(report.errorCount)
            error("the project was not reloaded: it has errors; the version in force keeps running", ["errors": count])
        case .changed(let change):
            var metadata = change.metadata
            switch change.outcome {
            case .applied where change.difference.isEmpty:
                info("the project was reloaded, and nothing has changed", metadata)
            case .applied: info("the project was reloaded", metadata)
            case .refused(let reason):
                metadata["reason"] = "\(reason)"
                error("the project was not reloaded; the version in force keeps running", metadata)
            case .takenBack(let reason):
                metadata["reason"] = "\(reason)"
                error(
                    "the project was not reloaded: the change was taken back, and the version before runs again",
                    metadata)
            case .interrupted: info("the project was not reloaded: the application is stopping", metadata)
            }
        }
    }
}

extension Log {
    /// Logs a record for each of the first diagnostics, and one with the number of the others.
    func tell(_ diagnostics: [Diagnostic], at level: LogLevel) {
        for diagnostic in diagnostics.prefix(Self.shownDiagnostics) {
            let log = diagnostic.entry.map { with(entry: $0.description) } ?? self
            log.log(level, diagnostic.message, diagnostic.location.metadata)
        }
        let rest = diagnostics.count - Self.shownDiagnostics
        if rest > 0 {
            log(level, "there are more of these lines than the log shows", ["more": LogValue(rest)])
        }
    }

    private static var shownDiagnostics: Int { 20 }
}

extension Location {
    /// The place as fields of a log line.
    fileprivate var metadata: LogMetadata {
        line == 0
            ? ["file": LogValue(source)]
            : ["file": LogValue(source), "line": LogValue(line), "column": LogValue(column)]
    }
}

extension PlanChange {
    /// The change, as fields of a log line: the version in force, the changed entries, the services that ended, and the
    /// time.
    fileprivate var metadata: LogMetadata {
        var metadata: LogMetadata = ["version": LogValue(version)]
        metadata["added"] = Self.list(ids { $0 == .added })
        metadata["changed"] = Self.list(ids { $0 == .replaced || $0 == .reconfigured })
        metadata["removed"] = Self.list(ids { $0 == .removed })
        metadata["ended"] = Self.list(ended)
        metadata["duration"] = LogValue(duration.readable)
        return metadata
    }

    private func ids(_ isMeant: (PlanDifference.Change) -> Bool) -> [EntryID] {
        difference.changes.filter { isMeant($0.value) }.keys.sorted()
    }

    /// Returns the first ids and the number of the others; nil for an empty list.
    private static func list(_ ids: [EntryID]) -> LogValue? {
        guard !ids.isEmpty else { return nil }
        let shown = ids.prefix(shownIDs).map(\.description).joined(separator: ", ")
        return ids.count > shownIDs ? "\(shown) and \(ids.count - shownIDs) more" : "\(shown)"
    }

    private static let shownIDs = 10
}
