import WippyDefinition
import WippyValues

/// The options for calls of functions by scripts.
///
/// A script gives them to `with_options`. A function can have them in its `meta.options`.
struct CallOptions: EntryConfig {
    /// The longest time for one attempt; nil for no limit.
    var timeout: Duration?

    /// The retry of a call that fails; nil for none.
    var retry: CallRetry?

    init(from fields: inout FieldReader) {
        let timeout: CountedDuration<Milliseconds>? = fields.optional(
            "timeout", in: CountedDuration.range(.millisecondToDay),
            "The longest time for one attempt when a script calls the function.")
        self.timeout = timeout?.duration
        retry = CallRetry(from: &fields)
    }

    /// Reads the options from a script's table, by the same rules as from `meta.options`.
    init(_ table: ValueMap) throws(FieldProblem) {
        self = try FieldReader.read(table.withoutEmptyTables, unknownFields: .errorIfMisspelt) { fields in
            CallOptions(from: &fields)
        }
    }

    /// Returns these options, with those of `others` in place of what these do not set.
    func completed(by others: CallOptions) -> CallOptions {
        var options = self
        options.timeout = timeout ?? others.timeout
        options.retry = retry ?? others.retry
        return options
    }
}

extension ValueMap {
    /// The map without empty tables, which may be empty lists or empty maps.
    fileprivate var withoutEmptyTables: ValueMap {
        var map = ValueMap()
        for (key, value) in self {
            guard case .map(let inner) = value else {
                map[key] = value
                continue
            }
            let rest = inner.withoutEmptyTables
            if !rest.isEmpty { map[key] = .map(rest) }
        }
        return map
    }
}
