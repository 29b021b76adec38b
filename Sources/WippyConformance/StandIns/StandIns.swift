package import WippyDefinition
package import WippyRuntime
import WippyText
package import WippyValues

/// The objects that a handler or a middleware gets in place of other entries, when a test creates it without a plan.
package struct StandIns: HandlerSource {
    private let id: EntryID
    private let user: String
    private let configText: String
    private var byName: [ExactText: [AnyContract: any Sendable]] = [:]

    /// Creates an empty set of objects.
    ///
    /// - Parameters:
    ///   - id: the entry of the handler or the middleware.
    ///   - user: the word for what uses the objects. Default: `handler`.
    ///   - config: the fields under `config:`. Default: none.
    package init(of id: EntryID, forA user: String = "handler", config: ValueMap = ValueMap()) {
        // A handler's config is read from YAML, and JSON is also YAML.
        (self.id, self.user, configText) = (id, user, JSON.text(of: .map(config)))
    }

    /// Adds an object that is found under a name: a name in a handler's `uses`, or a full id.
    package mutating func add<Offered: Sendable>(_ offered: Offered, as contract: Contract<Offered>, named name: String)
    {
        byName[ExactText(name), default: [:]][contract.erased] = Link(offered)
    }

    /// Adds a stand-in that is found under a name.
    package mutating func add(_ standIn: StandIn, named name: String) { standIn.add(&self, name) }

    package func config<Config: EntryConfig>(_ type: Config.Type) throws -> Config {
        var report = Report()
        let config: Config = FieldReader.read(SourceFile(path: "config", text: configText), report: &report) {
            Config(from: &$0)
        }
        try report.throwIfInvalid()
        return config
    }

    package func resolve<Offered: Sendable>(_ name: String, as contract: Contract<Offered>) throws -> Link<Offered> {
        if let link = byName[ExactText(name)]?[contract.erased] as? Link<Offered> { return link }
        let names = byName.filter { $0.value[contract.erased] != nil }.keys.sorted().map { "'\($0)'" }
        let others = names.isEmpty ? "none" : names.joined(separator: ", ")
        throw BuildError(
            id,
            "the \(user) asks for '\(name)', \(contract.words), but the test has no such stand-in; it has \(others)")
    }

    package func variable(_ name: String) throws -> (value: VariableValue, use: Location?) {
        (try resolve(name, as: .variable).target, nil)
    }
}
