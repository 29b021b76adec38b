public import WippyDefinition
public import WippyLog

/// Gives a kind what it needs to build an entry.
///
/// Use it only during `build(_:with:)` and `update(_:from:to:with:)`. No request or message looks up a name.
public struct BuildContext {
    /// The entry being built.
    public let id: EntryID

    /// Loops, clock, log and metrics of the application.
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

    /// A link to the entry that a field refers to.
    ///
    /// The entry is built first if necessary.
    ///
    /// - Throws: ``BuildError`` when the entry cannot be built, or its building leads back to this one.
    public func resolve<Offered: Sendable>(_ reference: Reference<Offered>) throws -> Link<Offered> {
        try components.link(to: reference.id, as: reference.contract, for: id)
    }

    /// A link to an entry that is a part of this one.
    ///
    /// - Throws: as for a reference.
    public func resolve<Offered: Sendable>(_ part: Part<Offered>) throws -> Link<Offered> {
        try resolve(part.reference)
    }

    /// What a part of this entry offers.
    ///
    /// - Throws: as `resolve(_:)`.
    public func target<Offered: Sendable>(of part: Part<Offered>) throws -> Offered {
        try components.target(of: part.id, as: part.reference.contract, for: id)
    }

    /// The kind of a part of this entry; nil if there is no such entry.
    public func kind<Offered>(of part: Part<Offered>) -> KindName? { components.kind(of: part.id) }

    /// Whether a part of this entry goes on running, unchanged or with a new config; false if it is built anew.
    ///
    /// - Throws: as `resolve(_:)`.
    public func goesOn<Offered: Sendable>(_ part: Part<Offered>) throws -> Bool {
        try components.goesOn(part.id, as: part.reference.contract, for: id)
    }

    /// A link to an entry that no field names, by an id in code.
    ///
    /// - Throws: ``BuildError`` also when there is no such entry, or it does not offer the contract.
    public func resolve<Offered: Sendable>(_ id: EntryID, as contract: Contract<Offered>) throws -> Link<Offered> {
        try components.linkInCode(to: id, as: contract, for: self.id)
    }

    /// What a part of this entry offers that no field names, by an id in code.
    ///
    /// If that entry changes, this one is built anew.
    ///
    /// - Throws: as ``resolve(_:as:)``.
    public func part<Offered: Sendable>(_ id: EntryID, inCodeAs contract: Contract<Offered>) throws -> Offered {
        try components.partInCode(id, as: contract, for: self.id)
    }

    /// Where a field of the entry names another one; nil if none does.
    func location(naming id: EntryID) -> Location? { components.location(of: self.id, naming: id) }

    /// Where the value of a field of the entry stands; nil if it is not written.
    func location(of field: String) -> Location? { components.location(of: field, in: id) }

    /// The entries that belong to this one and offer a contract, in order of id.
    public func attached<Offered: Sendable>(_ contract: Contract<Offered>) throws -> [Attached<Offered>] {
        try components.attached(to: id, as: contract)
    }
}

/// An entry that belongs to the one being built, with its component as a contract's type.
public struct Attached<Offered: Sendable>: Sendable {
    /// The attached entry.
    public let id: EntryID

    /// What it offers.
    public let offered: Offered
}
