package import WippyDefinition
import WippyText

/// Gives a handler the objects that it asks for, by the names in the handler's code.
package protocol HandlerSource {
    /// Returns the fields under `config:`.
    ///
    /// - Throws: ``BuildError``, or the errors in the fields.
    func config<Config: EntryConfig>(_ type: Config.Type) throws -> Config

    /// Returns a link to an object that offers a contract.
    ///
    /// - Throws: ``BuildError`` when there is no such object.
    func resolve<Offered: Sendable>(_ name: String, as contract: Contract<Offered>) throws -> Link<Offered>

    /// Returns a variable, and the place where the entry names it; nil if the entry does not name it.
    ///
    /// - Throws: the same errors as ``resolve(_:as:)``.
    func variable(_ name: String) throws -> (value: VariableValue, use: Location?)
}

/// The entries of a plan.
///
/// An entry's code names them by their names in `uses` or by their full ids.
struct PlanHandlerSource: HandlerSource {
    let build: BuildContext
    let uses: [ExactText: EntryID]
    let config: any EntryConfig

    func config<Config: EntryConfig>(_ type: Config.Type) throws -> Config {
        guard let config = config as? Config else {
            throw BuildError(
                build.id,
                "the handler asks for a config of the type \(type), which is not its Config; declare that type as its "
                    + "Config")
        }
        return config
    }

    func resolve<Offered: Sendable>(_ name: String, as contract: Contract<Offered>) throws -> Link<Offered> {
        try build.resolve(try target(name, contract.words), as: contract)
    }

    func variable(_ name: String) throws -> (value: VariableValue, use: Location?) {
        let target = try target(name, Contract.variable.words)
        return (try build.base(target, inCodeAs: .variable), build.location(naming: target))
    }

    private func target(_ name: String, _ words: String) throws -> EntryID {
        if let target = uses[ExactText(name)] { return target }
        guard name.unicodeScalars.contains(":"), let target = EntryID(name, relativeTo: build.id.namespace) else {
            let nearest = Spelling.nearest(to: name, among: uses.keys.map(\.string))
            let help = nearest == nil ? "; add it there, or use a full id" : Spelling.suggestion(nearest)
            throw BuildError(
                build.id, "'\(HandlerUse.usesField)' has no name '\(name)' for \(words)\(help)",
                at: build.location(of: HandlerUse.usesField), suggestion: nearest)
        }
        return target
    }
}
