import WippyDefinition

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
            Self.typeField, as: PoolType.self,
            defaultsTo: "static if '\(Self.workersField)' is set, inline if only '\(Self.sizeField)' is set, else lazy",
            "The sort of the pool. A pool keeps the states in which calls run. A state runs one call at a time. "
                + "inline: one state. static: states that stay. lazy and adaptive: states that are dropped when no "
                + "call has used them for a while.")
        let counts = 0...10_000
        let size = fields.optional(
            Self.sizeField, in: counts,
            "The largest number of states of a static pool, if '\(Self.workersField)' is not set. 0 means not set.")
        let workers = fields.optional(
            Self.workersField, in: counts, defaultsTo: "'\(Self.sizeField)', else \(Self.workers)",
            "The largest number of states of a static pool. 0 means not set.")
        let largest = fields.optional(
            Self.largestField, in: counts,
            defaultsTo: "\(Self.unwritten), or \(Self.standard) if '\(Self.typeField)' is set",
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
        let numbers: [(name: String, number: Int?, types: [PoolType])] = [
            (Self.sizeField, size, [.static]), (Self.workersField, workers, [.static]),
            (Self.largestField, largest, [.lazy, .adaptive]),
        ]
        for (name, number, types) in numbers where !types.contains(actual) {
            guard let number = written(number), !(actual == .inline && number == 1) else { continue }
            fields.warnIfWritten(name, because: "the largest number of states of this pool is \(maxStates)")
        }
        if written(workers) != nil, written(size) != nil, actual == .static {
            fields.warnIfWritten(Self.sizeField, because: "'\(Self.workersField)' is set")
        }
    }

    /// The path of the map with the fields.
    static let block = "pool"

    private static let typeField = "type"
    private static let sizeField = "size"
    private static let workersField = "workers"
    private static let largestField = "max_size"

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
    /// States that are made when calls need them, and dropped when no call has used them for a while.
    case lazy
    /// States that are made when calls need them, and then stay.
    case `static`
    /// The same as lazy.
    case adaptive
}
