public import LuaEngine
public import WippyDefinition
public import WippyLog
public import WippyRuntime
public import WippyValues

/// A call of a script: the running entry, what the call is for, and the values that its caller has attached.
///
/// A function of a module gets the current call by `stack.call`.
///
/// ```swift
/// .function("entry") { stack in stack.give("\(try stack.call.entry)") }
/// ```
public final class ScriptCall: Sendable {
    /// The context that all calls of the entry share.
    let context: EntryContext

    /// The object for which something outside of Lua has called the script, such as an exchange of HTTP; nil if there
    /// is none.
    ///
    /// It is what ``LuaFunction/call(for:arguments:results:)`` got. Cast it to the type that you expect. If the script
    /// calls other functions in Lua, their calls have the same subject.
    public let subject: (any AnyObject & Sendable)?

    /// The values that the caller has attached, for example by `with_context`.
    ///
    /// The call also has the values of the calls that led to it.
    public let values: ValueMap

    /// The clock for the script's waits.
    ///
    /// A process becomes ready when it waits by this clock. The wait ends when the process must end.
    public let clock: any RuntimeClock

    /// The program's standard streams; nil if the call is not a process of a `terminal.host`.
    public let terminal: (any Terminal)?

    /// The call that made this call; nil if no script made it.
    private let caller: ScriptCall?

    init(
        _ context: EntryContext, for subject: (any AnyObject & Sendable)? = nil, values: ValueMap = ValueMap(),
        clock: (any RuntimeClock)? = nil, terminal: (any Terminal)? = nil, caller: ScriptCall? = nil
    ) {
        self.context = context
        self.subject = subject
        self.values = values
        self.clock = clock ?? context.environment.clock
        self.terminal = terminal
        self.caller = caller
    }

    /// The id of the running entry, a function or a process in Lua.
    public var entry: EntryID { context.id }

    /// The log, with the entry's id attached.
    public var log: Log { context.log }

    /// The environment of the application, such as its clock and metrics.
    public var environment: RuntimeEnvironment { context.environment }

    /// The entry's field `limits.result`, in bytes.
    ///
    /// It limits the content that a script has written for an answer and that has not been sent yet. It does not limit
    /// the values that the script returns.
    public var maxResultBytes: Int { context.maxResultBytes }

    /// Returns a call that this call makes: of another entry, and for the same subject.
    func calling(_ other: EntryContext, with values: ValueMap) -> ScriptCall {
        ScriptCall(other, for: subject, values: values, clock: clock, caller: self)
    }

    /// The calls that wait for this call, directly or through other calls; the nearest is first.
    var callers: some Sequence<ScriptCall> {
        sequence(state: caller) { next in
            defer { next = next?.caller }
            return next
        }
    }
}

extension LuaStack {
    /// The current call.
    ///
    /// There is also a call while a new state runs the script's text. The ``ScriptCall/subject`` of this call is nil.
    ///
    /// - Throws: `LuaRaise` when no call of an entry is in progress.
    public var call: ScriptCall {
        get throws(LuaRaise) {
            guard let call = state.context as? ScriptCall else { throw LuaRaise("no call is in progress") }
            return call
        }
    }
}
