public import WippyDefinition
public import WippyLog

/// What a kind builds an entry with.
///
/// Valid during `build(_:with:)` and `update(_:from:to:with:)`, and not after them: no request or message looks up a
/// name.
public struct BuildContext {
    /// The entry being built.
    public let id: EntryID

    /// What the application gives every entry.
    public let environment: RuntimeEnvironment

    /// The log, with the entry's id attached.
    public let log: Log

    let components: ComponentBuilder

    init(id: EntryID, environment: RuntimeEnvironment, components: ComponentBuilder) {
        self.id = id
        self.environment = environment
        self.log = environment.log.with(entry: id.description)
        self.components = components
    }

    /// The way to the entry behind a reference, which is built first if it is not yet.
    ///
    /// - Throws: ``BuildError`` when the entry cannot be built, or when building it runs in a circle.
    public func resolve<Offered: Sendable>(_ reference: Reference<Offered>) throws -> Link<Offered> {
        try components.link(to: reference.id, as: reference.contract, for: id)
    }

    /// The way to an entry that this one is made of.
    ///
    /// - Throws: as for a reference.
    public func resolve<Offered: Sendable>(_ part: Part<Offered>) throws -> Link<Offered> {
        try resolve(part.reference)
    }

    /// What an entry offers that this one is made of.
    ///
    /// - Throws: as ``resolve(_:)`` does.
    public func target<Offered: Sendable>(of part: Part<Offered>) throws -> Offered {
        try components.target(of: part.id, as: part.reference.contract, for: id)
    }

    /// The kind of an entry that this one is made of; nil if there is no such entry.
    public func kind<Offered>(of part: Part<Offered>) -> KindName? { components.kind(of: part.id) }

    /// Whether what runs for an entry that this one is made of goes on, as it is or with a new configuration; false if
    /// it is built anew.
    ///
    /// - Throws: as ``resolve(_:)`` does.
    public func goesOn<Offered: Sendable>(_ part: Part<Offered>) throws -> Bool {
        try components.goesOn(part.id, as: part.reference.contract, for: id)
    }

    /// The way to an entry that no field names: an id that stands in code.
    ///
    /// - Throws: ``BuildError`` when there is no such entry or it does not offer the contract, too.
    public func resolve<Offered: Sendable>(_ id: EntryID, as contract: Contract<Offered>) throws -> Link<Offered> {
        try components.linkInCode(to: id, as: contract, for: self.id)
    }

    /// What an entry offers that no field names, and of which this one is made: an id that stands in code.
    ///
    /// When that entry changes, this one is built anew.
    ///
    /// - Throws: as ``resolve(_:as:)`` does.
    public func part<Offered: Sendable>(_ id: EntryID, inCodeAs contract: Contract<Offered>) throws -> Offered {
        try components.partInCode(id, as: contract, for: self.id)
    }

    /// Where a field of the entry names another one; nil if none does.
    func location(naming id: EntryID) -> Location? { components.location(of: self.id, naming: id) }

    /// Where the value of a field of the entry stands; nil if it is not written.
    func location(of field: String) -> Location? { components.location(of: field, in: id) }

    /// What is attached to this entry and offers a contract, in order of id.
    public func attached<Offered: Sendable>(_ contract: Contract<Offered>) throws -> [Attached<Offered>] {
        try components.attached(to: id, as: contract)
    }
}

/// An entry that belongs to the one being built, seen as what a contract names.
public struct Attached<Offered: Sendable>: Sendable {
    /// The attached entry.
    public let id: EntryID

    /// What it offers.
    public let offered: Offered
}
