public import WippyDefinition

/// Code around what the entries of a program offer, as a part in its list of kinds.
///
/// The closure gets the object that an entry offers under a contract. It returns the object that other entries,
/// handlers and commands use instead. For example, this part is around every function that answers HTTP requests:
///
/// ```swift
/// kinds: .standard + [OfferWrapper(.httpFunction) { function, _ in Traced(function: function) }]
/// ```
///
/// If a list has several wrappers of one contract, all of them have an effect. Each gets what the wrapper before it has
/// returned. So the last one is the outermost. A wrapper of a contract that no entry offers has no effect.
///
/// An optional protocol of the object, such as `CopyableDatabase`, is found only if the returned object conforms to it
/// too. For a queue, return a `WrappingQueue`, which has all abilities of the wrapped queue.
public struct OfferWrapper: ProgramAddition {
    let contract: AnyContract

    /// Returns a link to the object that wraps the one to which a link leads.
    let wrap: @Sendable (any AnyLink, BuildContext) throws -> any AnyLink

    /// Creates the part.
    ///
    /// - Parameters:
    ///   - contract: the contract of the objects.
    ///   - wrap: returns the object to use instead. The context is that of the entry which offers the object. It has
    ///     the entry's id, log and environment, and leads to other entries. `lint` also calls the closure, so it must
    ///     open nothing and start nothing. It is called again only when the entry is built anew. If it throws, the
    ///     error is an error of the entry.
    public init<Offered: Sendable>(
        _ contract: Contract<Offered>,
        _ wrap: @escaping @Sendable (_ offered: Offered, _ context: BuildContext) throws -> Offered
    ) {
        self.contract = contract.erased
        self.wrap = { link, context in
            // Links of one contract have one type.
            guard let link = link as? Link<Offered> else { return link }
            return Link(try wrap(link.target, context))
        }
    }

    /// This part.
    public var added: OfferWrapper { self }
}
