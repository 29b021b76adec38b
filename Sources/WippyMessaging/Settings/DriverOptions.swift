import WippyDefinition
package import WippyRuntime
import WippyText

/// The section `driver_options` of a queue, with the options for each driver that the program knows.
struct DriverOptions: Sendable, Equatable {
    private let byKind: [KindName: any EntryConfig]

    /// Reads the options of every driver.
    ///
    /// Options of an unknown driver are unknown fields.
    init(from fields: inout FieldReader, in program: Program) {
        let drivers = program.kinds.queueDrivers
        var byKind: [KindName: any EntryConfig] = [:]
        for driver in drivers { byKind[driver.name] = driver.options(from: &fields) }
        self.byKind = byKind
        let names = Set(drivers.map { ExactText($0.driverName) })
        for name in program.kinds.absentWords(after: "queue.driver.") where !names.contains(ExactText(name)) {
            fields.ignored(
                "\(QueueSettings.driverOptionsField).\(name)", because: "this version does not have that driver")
        }
    }

    /// Returns the options for a kind of driver.
    ///
    /// If the queue has no options for the kind, returns the defaults.
    func options<Options: EntryConfig>(of kind: KindName?, as type: Options.Type = Options.self) -> Options {
        kind.flatMap { byKind[$0] as? Options } ?? .standard
    }

    static func == (left: DriverOptions, right: DriverOptions) -> Bool {
        left.byKind.count == right.byKind.count
            && left.byKind.allSatisfy { kind, options in right.byKind[kind].map(options.equals) == true }
    }
}

extension KindCatalog {
    /// The types of the kinds that are queue drivers, sorted by name.
    package var queueDrivers: [any QueueDriverKind.Type] {
        parts[(any QueueDriverKind).self].map { type(of: $0) }.sorted { $0.name.description < $1.name.description }
    }
}

extension QueueDriverKind {
    fileprivate static func options(from fields: inout FieldReader) -> any EntryConfig { readOptions(from: &fields) }
}
