import SQLiteGroups
import WippyRuntime
import WippySQL
import WippyValues

extension SQLStatement {
    /// Returns the arguments for SQLite.
    ///
    /// Truth values become 1 and 0.
    ///
    /// - Throws: `WippyError` of kind `Invalid` for a list or a map, and for a whole number above 2^63 - 1. A cell
    ///   cannot hold them.
    func sqliteArguments() throws(WippyError) -> [SQLiteValue] {
        var bound: [SQLiteValue] = []
        bound.reserveCapacity(arguments.count)
        for (index, argument) in arguments.enumerated() {
            switch argument {
            case .null: bound.append(.null)
            case .bool(let value): bound.append(.integer(value ? 1 : 0))
            case .integer(let value): bound.append(.integer(Int64(value)))
            case .unsigned:
                throw WippyError(
                    .invalid,
                    "argument \(index + 1) is a whole number past \(Int64.max), which a database cannot bind: bind "
                        + "it as a string",
                    isRetryable: false)
            case .float(let value): bound.append(.real(value))
            case .string(let value): bound.append(.text(value))
            case .bytes(let value): bound.append(.blob(value))
            case .list, .map:
                throw WippyError(
                    .invalid,
                    "argument \(index + 1) is \(argument.kindWithArticle), which a database cannot bind: "
                        + "bind its JSON text, or use 'equal' for a choice among several values",
                    isRetryable: false)
            }
        }
        return bound
    }
}

extension WippyError {
    /// Creates the runtime's error for an error of SQLite.
    init(_ error: SQLiteError) {
        let kind: Kind =
            switch error.kind {
            case .alreadyExists: .alreadyExists
            case .invalid: .invalid
            case .unavailable: .unavailable
            case .permissionDenied: .permissionDenied
            case .internal: .internal
            }
        let field = error.refusedPragma.flatMap(SQLiteKind.field).map { "; the field is '\($0)'" }
        self.init(kind, error.message + (field ?? ""), isRetryable: error.isRetryable, cause: error)
    }

    /// Runs `body`, and turns errors of SQLite into errors of the runtime.
    @inline(__always)
    static func wrapping<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as SQLiteError {
            throw WippyError(error)
        }
    }
}
