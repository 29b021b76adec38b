import Wippy
import WippyDefinition
import WippyRuntime
import WippyText

/// The objects that a handler gets in place of other entries, when a test creates it without a plan.
struct StandIns: HandlerSource {
    private let id: EntryID
    private let configText: String
    private var byName: [ExactText: [AnyContract: any Sendable]] = [:]

    /// Creates an empty set of objects.
    ///
    /// - Parameters:
    ///   - id: the handler's entry.
    ///   - config: the fields under `config:`.
    init(of id: EntryID, config: ValueMap) {
        // A handler's config is read from YAML, and JSON is also YAML.
        (self.id, configText) = (id, JSON.text(of: .map(config)))
    }

    /// Adds an object that a handler finds under a name: a name in `uses`, or a full id.
    mutating func add<Offered: Sendable>(_ offered: Offered, as contract: Contract<Offered>, named name: String) {
        byName[ExactText(name), default: [:]][contract.erased] = Link(offered)
    }

    func config<Config: EntryConfig>(_ type: Config.Type) throws -> Config {
        var report = Report()
        let config: Config = FieldReader.read(SourceFile(path: "config", text: configText), report: &report) {
            Config(from: &$0)
        }
        try report.throwIfInvalid()
        return config
    }

    func resolve<Offered: Sendable>(_ name: String, as contract: Contract<Offered>) throws -> Link<Offered> {
        if let link = byName[ExactText(name)]?[contract.erased] as? Link<Offered> { return link }
        let names = byName.filter { $0.value[contract.erased] != nil }.keys.sorted().map { "'\($0)'" }
        let others = names.isEmpty ? "none" : names.joined(separator: ", ")
        throw BuildError(
            id,
            "the handler asks for '\(name)', \(contract.words), but the test has no such stand-in; it has \(others)")
    }

    func variable(_ name: String) throws -> (value: VariableValue, use: Location?) {
        (try resolve(name, as: .variable).target, nil)
    }
}
