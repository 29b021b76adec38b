public import WippyDefinition

/// A contract that an entry offers, and a closure that makes a value of the contract's type from the entry's component.
public struct Offer<Component: Sendable>: Sendable {
    let contract: AnyContract
    /// Makes the link to the component as the contract's type; nil if the component does not offer the contract.
    ///
    /// It gets the links of the earlier offers of the entry's list.
    let makeLink: @Sendable (Component, [AnyContract: any AnyLink]) -> (any AnyLink)?

    /// Offers the component under a contract.
    ///
    /// - Parameters:
    ///   - contract: the contract.
    ///   - view: turns the component into the contract's type.
    public init<Offered: Sendable>(
        _ contract: Contract<Offered>, _ view: @escaping @Sendable (Component) -> Offered
    ) {
        self.contract = contract.erased
        self.makeLink = { component, _ in Link(view(component)) }
    }

    /// Offers the object of an earlier offer in the list under a further contract.
    ///
    /// An ``OfferWrapper`` of the earlier contract wraps the object under both contracts.
    ///
    /// - Parameters:
    ///   - contract: the further contract.
    ///   - earlier: the contract of the earlier offer.
    ///   - view: turns the object into the further contract's type.
    public init<Earlier: Sendable, Offered: Sendable>(
        _ contract: Contract<Offered>, of earlier: Contract<Earlier>,
        _ view: @escaping @Sendable (Earlier) -> Offered
    ) {
        self.contract = contract.erased
        self.makeLink = { _, links in links.link(as: earlier).map { Link(view($0.target)) } }
    }

    init(
        contract: AnyContract,
        makeLink: @escaping @Sendable (Component, [AnyContract: any AnyLink]) -> (any AnyLink)?
    ) {
        self.contract = contract
        self.makeLink = makeLink
    }

    /// Returns the same offer for a type that contains the component.
    ///
    /// If `part` returns nil, the built entry does not offer the contract. The check of the plan does not see this.
    ///
    /// - Parameter part: returns the component that a value of the type contains.
    public func from<Whole: Sendable>(_ part: @escaping @Sendable (Whole) -> Component?) -> Offer<Whole> {
        Offer<Whole>(contract: contract) { [makeLink] whole, links in part(whole).flatMap { makeLink($0, links) } }
    }
}
