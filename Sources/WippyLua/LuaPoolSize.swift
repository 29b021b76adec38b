import WippyDefinition

/// How many states a function has: how many of its calls run at once.
///
/// Calls beyond that wait, in order of arrival.
struct LuaPoolSize: EntryConfig {
    /// How many states there may be.
    let statesMax: Int

    /// Whether states go that nobody has used for a while.
    let isEvicted: Bool

    init(from fields: inout FieldReader) {
        let type = fields.optional(
            "type", as: PoolType.self, defaultsTo: "static with 'workers', inline with 'size' alone, else lazy",
            "The kind of pool. It decides how many states there are, and how long they are kept.")
        let count = 1...10_000
        let size = fields.optional(
            "size", in: 0...10_000, "The number of states of a static pool, if 'workers' is not set.")
        let workers = fields.optional(
            "workers", in: 0...10_000, defaultsTo: "'size', else 8", "The number of states of a static pool.")
        let largest = fields.optional(
            "max_size", in: 0...10_000, defaultsTo: "\(Self.unwritten), or \(Self.standard) if 'type' is set",
            "The largest number of states of a lazy or adaptive pool.")
        fields.ignored("buffer", because: "calls wait for a state as long as their callers wait for them")
        fields.ignored("warm_start", because: "states are made when they are needed")
        let written = { (number: Int?) in number.flatMap { count.contains($0) ? $0 : nil } }
        switch type ?? Self.type(size: written(size), workers: written(workers), largest: written(largest)) {
        case .inline: (statesMax, isEvicted) = (1, true)
        case .static: (statesMax, isEvicted) = (written(workers) ?? written(size) ?? 8, false)
        case .lazy, .adaptive:
            (statesMax, isEvicted) = (written(largest) ?? (type == nil ? Self.unwritten : Self.standard), true)
        }
    }

    /// What the numbers say where no type is written.
    private static func type(size: Int?, workers: Int?, largest: Int?) -> PoolType {
        if workers != nil { return .static }
        return size != nil && largest == nil ? .inline : .lazy
    }

    /// How many states there may be where neither type nor number is written.
    private static let unwritten = 100

    /// How many states there may be where no number is written.
    private static let standard = 16
}

/// The sort of a pool.
private enum PoolType: String, FieldChoice {
    /// One state.
    case inline
    /// States that are made when they are needed, and go when they are not.
    case lazy
    /// States that stay once they are made.
    case `static`
    /// As lazy.
    case adaptive

    static var placeholder: PoolType { .lazy }
}
