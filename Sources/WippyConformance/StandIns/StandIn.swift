public import WippyDefinition

/// An object that a test gives to a handler or a middleware in place of an entry, under any contract.
///
/// ```swift
/// let handler = try SayTime(.standIn(others: ["clock": StandIn(FixedClock(), as: .clock)]))
/// ```
public struct StandIn: Sendable {
    /// Adds the object to a set, under a name.
    let add: @Sendable (inout StandIns, String) -> Void

    /// Creates the stand-in.
    ///
    /// - Parameters:
    ///   - offered: the object.
    ///   - contract: the contract under which the handler or the middleware asks for it.
    public init<Offered: Sendable>(_ offered: Offered, as contract: Contract<Offered>) {
        add = { $0.add(offered, as: contract, named: $1) }
    }
}
