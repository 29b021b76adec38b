import LuaEngine
import WippyDefinition
import WippyLog
import WippyRuntime
import WippyValues

/// The context of a call for the modules: the running entry, and the request or message of the call.
///
/// A state has a context while it runs a call, and while it runs a script's text for the first time.
final class CallContext: Sendable {
    /// The context that all calls of the entry share.
    let entry: EntryContext

    /// The request that the call answers; nil if the call does not answer a request.
    let exchange: HTTPExchange?

    /// The message that the call handles; nil if the call does not handle a message.
    let delivery: HandledDelivery?

    /// The values that the caller has attached.
    ///
    /// `ctx.get` reads them.
    let values: ValueMap

    /// The clock of the script's waits.
    ///
    /// A process becomes ready when it waits by this clock. The wait ends when the process must end.
    let clock: any RuntimeClock

    /// The call that made this call; nil if no script made it.
    private let caller: CallContext?

    /// The program's standard streams; nil if the call is not a process of a `terminal.host`.
    let terminal: (any Terminal)?

    init(
        _ entry: EntryContext, exchange: HTTPExchange? = nil, delivery: HandledDelivery? = nil,
        values: ValueMap = ValueMap(), clock: (any RuntimeClock)? = nil, terminal: (any Terminal)? = nil,
        caller: CallContext? = nil
    ) {
        self.entry = entry
        self.exchange = exchange
        self.delivery = delivery
        self.values = values
        self.clock = clock ?? entry.environment.clock
        self.terminal = terminal
        self.caller = caller
    }

    /// The log, with the entry's id attached.
    var log: Log { entry.log }

    /// Returns the context of a call that this call makes: for another entry, and for the same request or message.
    func calling(_ other: EntryContext, with values: ValueMap) -> CallContext {
        CallContext(other, exchange: exchange, delivery: delivery, values: values, clock: clock, caller: self)
    }

    /// The number of calls of the same entry that wait for this call, directly or through other calls.
    var recursionDepth: Int { sequence(first: self, next: \.caller).dropFirst().count { $0.entry === entry } }
}

extension LuaStack {
    /// The context of the current call.
    var call: CallContext {
        get throws(LuaRaise) {
            guard let context = state.context as? CallContext else { throw LuaRaise("no call is in progress") }
            return context
        }
    }
}
