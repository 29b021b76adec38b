import LuaEngine
import WippyDefinition
import WippyLog
import WippyRuntime
import WippyValues

/// What the modules of a call reach: the entry that runs, and what it was called for.
///
/// A state has one while it runs a call, and while it runs a script's text for the first time.
final class CallContext: Sendable {
    /// What all calls of the entry have in common.
    let entry: EntryContext

    /// The request that is to be answered, if the call is for one.
    let exchange: HTTPExchange?

    /// The message that is handled, if the call is for one.
    let delivery: HandledDelivery?

    /// What whoever called has attached: what `ctx.get` finds.
    let values: ValueMap

    /// The clock by which the script waits.
    ///
    /// A process that waits by it is ready, and is told there when it is to end.
    let clock: any RuntimeClock

    /// The call that this one was made by, if a script has made it.
    private let caller: CallContext?

    /// The program's standard streams, if the call is a process of a terminal host.
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

    /// The context of a call that this one makes: of another entry, for the same request or message.
    func calling(_ other: EntryContext, with values: ValueMap) -> CallContext {
        CallContext(other, exchange: exchange, delivery: delivery, values: values, clock: clock, caller: self)
    }

    /// How many calls of its own entry this one comes from, each of which waits for the next.
    var recursionDepth: Int { sequence(first: self, next: \.caller).dropFirst().count { $0.entry === entry } }
}

extension LuaStack {
    /// What the call in progress reaches.
    var call: CallContext {
        get throws(LuaRaise) {
            guard let context = state.context as? CallContext else { throw LuaRaise("no call is in progress") }
            return context
        }
    }
}
