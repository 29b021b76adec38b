import WippyDefinition
import WippySQL

extension SQLTransactionOptions {
    /// Reads the options of `begin`.
    init(from fields: inout FieldReader) {
        let isReadOnly = fields.optional("read_only", default: false, "Whether the transaction changes nothing.")
        let isolation = fields.optional(
            "isolation", default: ScriptIsolation.default,
            "The weakest isolation from other transactions that the script accepts.")
        self.init(isolation: isolation.isolation, isReadOnly: isReadOnly)
    }
}

/// An isolation by the name that scripts use.
enum ScriptIsolation: String, FieldChoice {
    case `default`
    case readUncommitted = "read_uncommitted"
    case readCommitted = "read_committed"
    case writeCommitted = "write_committed"
    case repeatableRead = "repeatable_read"
    case serializable

    /// The isolation; nil for the database's usual one.
    var isolation: SQLTransactionOptions.Isolation? {
        switch self {
        case .default: nil
        case .readUncommitted: .readUncommitted
        case .readCommitted, .writeCommitted: .readCommitted
        case .repeatableRead: .repeatableRead
        case .serializable: .serializable
        }
    }
}
