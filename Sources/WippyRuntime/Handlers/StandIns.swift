package import WippyDefinition
import WippyText

/// What a handler gets in the place of other entries when a test makes it without a plan.
package struct StandIns {
    private var byName: [ExactText: [AnyContract: any AnyLink]] = [:]
    private let configText: String

    /// Nothing yet.
    ///
    /// - Parameter config: what stands under `config:`, as YAML or JSON.
    package init(config: String) {
        configText = config
    }

    /// Adds what a handler finds under a name: an alias of `uses`, or a full id.
    package mutating func add<Offered: Sendable>(_ offered: Offered, as contract: Contract<Offered>, named name: String)
    {
        byName[ExactText(name), default: [:]][contract.erased] = Link(offered)
    }

    /// - Throws: ``BuildError`` when there is nothing of that name.
    func resolve<Offered: Sendable>(
        _ name: String, as contract: Contract<Offered>, for id: EntryID
    ) throws -> Link<Offered> {
        if let link = byName[ExactText(name)]?.link(as: contract) { return link }
        let names = byName.filter { $0.value.link(as: contract) != nil }.keys.sorted().map { "'\($0)'" }
        let help = names.isEmpty ? "there is none" : "there is \(names.joined(separator: ", "))"
        throw BuildError(id, "the handler asks for '\(name)', \(contract.words), and has no such stand-in; \(help)")
    }

    /// - Throws: `InvalidProject` with what is wrong with the fields.
    func config<Config: EntryConfig>(_ type: Config.Type) throws -> Config {
        var report = Report()
        let config: Config = FieldReader.read(SourceFile(path: "config", text: configText), report: &report) {
            Config(from: &$0)
        }
        try report.throwIfInvalid()
        return config
    }
}
