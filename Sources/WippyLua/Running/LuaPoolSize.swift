import WippyDefinition
import WippyText

/// The number of states of a function.
///
/// This is the number of its calls that can run at once.
///
/// Further calls wait, in order of arrival.
struct LuaPoolSize: EntryConfig {
    /// The largest number of states.
    let maxStates: Int

    /// True if a state is dropped when no call has used it for ``StatePool/idleTime``.
    let isEvicted: Bool

    init(from fields: inout FieldReader) {
        let type = fields.optional(
            "type", as: PoolType.self,
            defaultsTo: "static if 'workers' is set, inline if only 'size' is set, else lazy",
            "The sort of the pool. A pool keeps the states in which calls run. A state runs one call at a time. "
                + "inline: one state. static: states that stay. lazy and adaptive: states that are dropped when no "
                + "call has used them for a while.")
        let counts = 0...10_000
        let size = fields.optional(
            "size", in: counts,
            "The largest number of states of a static pool, if 'workers' is not set. 0 means not set.")
        let workers = fields.optional(
            "workers", in: counts, defaultsTo: "'size', else \(Self.workers)",
            "The largest number of states of a static pool. 0 means not set.")
        let largest = fields.optional(
            "max_size", in: counts, defaultsTo: "\(Self.unwritten), or \(Self.standard) if 'type' is set",
            "The largest number of states of a lazy or adaptive pool. 0 means not set.")
        fields.ignored("buffer", because: "calls wait for a state until their callers give up")
        fields.ignored("warm_start", because: "states are made when they are needed")
        // A number that is 0 counts as not set.
        let written = { (number: Int?) in number == 0 ? nil : number }
        let actual = type ?? Self.type(size: written(size), workers: written(workers), largest: written(largest))
        switch actual {
        case .inline: (maxStates, isEvicted) = (1, true)
        case .static: (maxStates, isEvicted) = (written(workers) ?? written(size) ?? Self.workers, false)
        case .lazy, .adaptive:
            (maxStates, isEvicted) = (written(largest) ?? (type == nil ? Self.unwritten : Self.standard), true)
        }
        for (name, number) in [("size", size), ("workers", workers), ("max_size", largest)] {
            guard let number = written(number), !actual.follows(name), !(actual == .inline && number == 1) else {
                continue
            }
            fields.warnIfWritten(name, because: "the largest number of states of this pool is \(maxStates)")
        }
        if written(workers) != nil, written(size) != nil, actual == .static {
            fields.warnIfWritten("size", because: "'workers' is set")
        }
    }

    /// Returns the type of a pool for which only numbers are set.
    private static func type(size: Int?, workers: Int?, largest: Int?) -> PoolType {
        if workers != nil { return .static }
        return size != nil && largest == nil ? .inline : .lazy
    }

    /// The number of states of a static pool if no number is set.
    private static let workers = 8

    /// The largest number of states if neither a type nor a number is set.
    private static let unwritten = 100

    /// The largest number of states if a type is set, but no number.
    private static let standard = 16
}

/// The type of a pool.
private enum PoolType: String, FieldChoice {
    /// One state.
    case inline
    /// States that are made when calls need them, and dropped when no call uses them.
    case lazy
    /// States that are made when calls need them, and then stay.
    case `static`
    /// The same as lazy.
    case adaptive

    /// Returns true if a pool of the type follows a field with a number.
    func follows(_ field: String) -> Bool {
        switch self {
        case .inline: false
        case .static: ["size", "workers"].contains { ExactText.areEqual($0, field) }
        case .lazy, .adaptive: ExactText.areEqual(field, "max_size")
        }
    }
}
