public import WippyDefinition

/// The options for calls of functions by scripts.
///
/// A script gives them to `with_options`. A function in Lua can have them in its `meta.options`. They set the
/// longest time of an attempt, and the retry of a call that fails.
public struct CallOptions: EntryConfig {
    /// The longest time for one attempt; nil for no limit.
    var timeout: Duration?

    /// The retry of a call that fails; nil for none.
    var retry: CallRetry?

    /// Reads the fields `timeout` and `retry`.
    public init(from fields: inout FieldReader) {
        let timeout: CountedDuration<Milliseconds>? = fields.optional(
            "timeout", in: CountedDuration.range(.millisecondToDay),
            "The longest time for one attempt when a script calls the function.")
        self.timeout = timeout?.duration
        retry = CallRetry(from: &fields)
    }

    /// Returns these options.
    ///
    /// What they do not set comes from `others`.
    public func completed(by others: CallOptions) -> CallOptions {
        var options = self
        options.timeout = timeout ?? others.timeout
        options.retry = retry ?? others.retry
        return options
    }
}
