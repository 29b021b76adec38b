public import WippyDefinition

/// A contract that an entry offers, and a closure that makes a value of the contract's type from the entry's component.
public struct Offer<Component: Sendable>: Sendable {
    let contract: AnyContract
    /// Makes the link to the component as the contract's type; nil if the component does not offer the contract.
    let makeLink: @Sendable (Component) -> (any AnyLink)?

    /// Offers the component under a contract.
    ///
    /// - Parameters:
    ///   - contract: the contract.
    ///   - view: turns the component into the contract's type.
    public init<Offered: Sendable>(
        _ contract: Contract<Offered>, _ view: @escaping @Sendable (Component) -> Offered
    ) {
        self.contract = contract.erased
        self.makeLink = { Link(view($0)) }
    }

    init(contract: AnyContract, makeLink: @escaping @Sendable (Component) -> (any AnyLink)?) {
        self.contract = contract
        self.makeLink = makeLink
    }

    /// Returns the same offer for a type that contains the component.
    ///
    /// If `part` returns nil, the entry does not offer the contract.
    ///
    /// - Parameter part: returns the component that a value of the type contains.
    public func from<Whole: Sendable>(_ part: @escaping @Sendable (Whole) -> Component?) -> Offer<Whole> {
        Offer<Whole>(contract: contract) { [makeLink] in part($0).flatMap(makeLink) }
    }
}
