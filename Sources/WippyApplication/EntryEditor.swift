import Synchronization
import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

/// Changes the entries of a running application when its code asks for it.
///
/// The changes run one after another.
///
/// Entries that code has declared replace those of the files as long as the application runs, even if the files are
/// read again.
final class EntryEditor: RegistryEditor {
    private let application: Application
    /// The number of the application's run whose entries it changes.
    private let run: Int
    private let last = Mutex<Task<Void, Never>?>(nil)

    init(_ application: Application, run: Int) {
        self.application = application
        self.run = run
    }

    func apply(_ operations: [EntryOperation]) async throws(WippyError) -> Int {
        try await inTurn { [run] application throws(WippyError) in
            let changes = try Self.changes(operations, of: application.reloading.changes, in: application.registry)
            return try Self.version(after: await application.reload(with: changes, in: run))
        }
    }

    func go(to number: Int) async throws(WippyError) {
        _ = try await inTurn { [run] application throws(WippyError) in
            guard let version = application.registry.kept.first(where: { $0.number == number }),
                let changes = application.reloading.changes(of: number)
            else { throw .versionNotKept(number) }
            return try Self.version(after: await application.goBack(to: version, with: changes, in: run))
        }
    }

    /// Runs a change after the earlier changes.
    ///
    /// Cancelling the caller's task does not end the change.
    private func inTurn(
        _ change: @escaping @Sendable (Application) async throws(WippyError) -> Int
    ) async throws(WippyError) -> Int {
        let task = last.withLock { last in
            let before = last
            let task = Task { [application] () async -> Result<Int, WippyError> in
                await before?.value
                do throws(WippyError) {
                    return .success(try await change(application))
                } catch {
                    return .failure(error)
                }
            }
            last = Task { _ = await task.value }
            return task
        }
        return try await task.value.get()
    }

    private static func changes(
        _ operations: [EntryOperation], of before: EntryChanges, in registry: Registry
    ) throws(WippyError) -> EntryChanges {
        let plan = registry.current.plan
        var changes = before
        var isThere: [EntryID: Bool] = [:]
        for operation in operations {
            let id = operation.id
            let exists = isThere[id] ?? (plan[id] != nil)
            switch operation {
            case .create(_, let kind, let meta, let data):
                guard !exists else {
                    throw WippyError(
                        .alreadyExists,
                        "the entry '\(id)' already exists", isRetryable: false)
                }
                try Self.requireFlat(meta, data, of: id)
                changes.write(id, kind: kind, meta: meta, data: data)
            case .update(_, let kind, let meta, let data):
                guard exists else { throw absent(id) }
                try Self.requireFlat(meta, data, of: id)
                changes.write(id, kind: kind, meta: meta, data: data)
            case .delete:
                guard exists else { throw absent(id) }
                changes.remove(id)
            }
            if case .delete = operation { isThere[id] = false } else { isThere[id] = true }
        }
        return changes
    }

    /// Throws an error for an entry that nests too deep for a definition file.
    private static func requireFlat(_ meta: Value, _ data: Value, of id: EntryID) throws(WippyError) {
        let most = SourceLimits.standard.nesting - EntryChanges.levelsAroundFields
        guard meta.nests(deeperThan: most) || data.nests(deeperThan: most) else { return }
        throw WippyError(
            .invalid, "the lists and maps of the entry '\(id)' nest deeper than \(most) levels", isRetryable: false)
    }

    private static func absent(_ id: EntryID) -> WippyError {
        WippyError(.notFound, "there is no entry '\(id)'", isRetryable: false)
    }

    /// Returns the version in force after a reload.
    ///
    /// Throws if the reload was not applied.
    private static func version(after reload: Reload) throws(WippyError) -> Int {
        switch reload {
        case .notRunning: throw WippyError(.unavailable, "the application is stopping", isRetryable: false)
        case .invalid(let report):
            let errors = report.diagnostics.filter { $0.severity == .error }.map(\.description)
            throw WippyError(.invalid, errors.joined(separator: "\n"), isRetryable: false)
        case .changed(let change):
            switch change.outcome {
            case .applied: return change.version
            case .refused(let reason), .takenBack(let reason):
                throw WippyError(.conflict, "the change was not applied: \(reason)", isRetryable: false)
            case .interrupted: throw WippyError(.unavailable, "the application is stopping", isRetryable: false)
            }
        }
    }
}
