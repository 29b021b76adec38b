public import WippyDefinition
public import WippyLog

/// A kind's access to the application while it builds an entry.
///
/// Use it only in `build(_:with:)`, in `update(_:from:to:with:)` and in an ``OfferWrapper``, and store the links that
/// you get from it.
public struct BuildContext {
    /// The id of the entry that is being built.
    public let id: EntryID

    /// The application's environment, such as its event loops, clock, log and metrics.
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

    /// Returns a link to the entry that a field names.
    ///
    /// That entry is built first if necessary.
    ///
    /// - Throws: an error when that entry does not offer the contract or cannot be built, for example because it needs
    ///   this entry. Do not catch the error.
    public func resolve<Offered: Sendable>(_ reference: Reference<Offered>) throws -> Link<Offered> {
        try components.link(to: reference.id, as: reference.contract, for: id)
    }

    /// Returns a link to an entry on which this one is built.
    ///
    /// - Throws: an error when the base cannot be built or does not offer the contract. Do not catch the error.
    public func resolve<Offered: Sendable>(_ base: Base<Offered>) throws -> Link<Offered> {
        try resolve(base.reference)
    }

    /// Returns the component of a base of this entry, as the contract's type.
    ///
    /// - Throws: an error when the base cannot be built or does not offer the contract. Do not catch the error.
    public func target<Offered: Sendable>(of base: Base<Offered>) throws -> Offered {
        try components.target(of: base.id, as: base.reference.contract, for: id)
    }

    /// Returns the kind of a base of this entry; nil if the base does not exist.
    public func kind<Offered>(of base: Base<Offered>) -> KindName? { components.kind(of: base.id) }

    /// Returns true if a base of this entry keeps running, unchanged or with a new config.
    ///
    /// Returns false if the base is new or built anew.
    ///
    /// - Throws: an error when the base cannot be built or does not offer the contract. Do not catch the error.
    public func goesOn<Offered: Sendable>(_ base: Base<Offered>) throws -> Bool {
        try components.goesOn(base.id, as: base.reference.contract, for: id)
    }

    /// Returns a link to an entry whose id is in the code of this entry, not in a field.
    ///
    /// - Throws: an error when the entry does not exist, does not offer the contract, or cannot be built. Do not catch
    ///   the error.
    public func resolve<Offered: Sendable>(_ id: EntryID, as contract: Contract<Offered>) throws -> Link<Offered> {
        try components.linkInCode(to: id, as: contract, for: self.id)
    }

    /// Returns the component of an entry whose id is in the code of this entry, not in a field.
    ///
    /// The component has the contract's type. If that entry changes, this entry also counts as changed.
    ///
    /// - Throws: the same errors as ``resolve(_:as:)``.
    public func base<Offered: Sendable>(_ id: EntryID, inCodeAs contract: Contract<Offered>) throws -> Offered {
        try components.baseInCode(id, as: contract, for: self.id)
    }

    /// Returns the component that this entry has in the plan in force, as the contract's type.
    ///
    /// Call it in `build(_:with:)` if the new component goes on with parts of the old one, and call it before
    /// `resolve(_:)`. Then `resolve(_:)` returns the link that the old component holds, if it holds one. Such a link
    /// leads to the new component of its entry as soon as the new plan is in force.
    ///
    /// - Returns: the component; nil if there is none that the new component can use, for example because no plan is in
    ///   force, or because the entry had another kind.
    public func componentInForce<Offered: Sendable>(as contract: Contract<Offered>) -> Offered? {
        components.componentInForce(of: id, as: contract)
    }

    /// Makes a part of the entry by code that a program adds, such as a middleware, and gives its errors a place.
    ///
    /// - Parameters:
    ///   - part: the words for the part in messages, such as `the middleware 'stamp'`.
    ///   - location: the place for errors of this entry that have no place of their own.
    ///   - body: makes the part.
    /// - Throws: the errors of `body`. An error that is neither a ``BuildError`` nor thrown by this context becomes a
    ///   ``BuildError``. Its message begins with the words for the part.
    public func make<Part>(_ part: String, at location: Location, _ body: () throws -> Part) throws -> Part {
        do {
            return try body()
        } catch let error as EarlierFailure {
            throw error
        } catch var error as BuildError {
            if error.location == nil, error.entry == id { error.location = location }
            throw error
        } catch {
            throw BuildError(id, "\(part) cannot be made: \(FailureReason.text(of: error))", at: location)
        }
    }

    /// Returns the place where a field of this entry names another entry; nil if no field names it.
    func location(naming id: EntryID) -> Location? { components.location(of: self.id, naming: id) }

    /// Returns the place of a field's value; nil if the field is not written.
    func location(of field: String) -> Location? { components.location(of: field, in: id) }

    /// Returns the entries that belong to this one and offer a contract, in order of id.
    ///
    /// - Throws: an error when an entry that belongs to this one cannot be built. Do not catch the error.
    public func attached<Offered: Sendable>(_ contract: Contract<Offered>) throws -> [Attached<Offered>] {
        try components.attached(to: id, as: contract)
    }
}

/// An entry that is attached to the entry being built, and the component of the attached entry.
public struct Attached<Offered: Sendable>: Sendable {
    /// The id of the attached entry.
    public let id: EntryID

    /// The component of the attached entry, as the contract's type.
    public let offered: Offered
}
