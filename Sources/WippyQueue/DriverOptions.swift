import WippyDefinition
import WippyRuntime
import WippyText

/// What a queue says to each driver that the program knows: `driver_options`.
struct DriverOptions: Sendable, Equatable {
    private let byKind: [KindName: any EntryConfig]

    /// Reads the options of every driver, so that those of one that is not there are unknown fields.
    init(from fields: inout FieldReader, in program: Program) {
        let drivers = program.kinds.queueDrivers
        var byKind: [KindName: any EntryConfig] = [:]
        for driver in drivers { byKind[driver.name] = driver.options(from: &fields) }
        self.byKind = byKind
        let names = Set(drivers.map { ExactText($0.driverName) })
        for name in program.absentKinds.words(after: "queue.driver.") where !names.contains(ExactText(name)) {
            fields.ignored("driver_options.\(name)", because: "it is for a driver that is not there")
        }
    }

    /// The options of a driver by its kind: the defaults if the kind is no ``QueueDriverKind``.
    func options<Options: EntryConfig>(of kind: KindName?, as type: Options.Type = Options.self) -> Options {
        kind.flatMap { byKind[$0] as? Options } ?? .standard
    }

    static func == (left: DriverOptions, right: DriverOptions) -> Bool {
        left.byKind.count == right.byKind.count
            && left.byKind.allSatisfy { kind, options in right.byKind[kind].map(options.equals) == true }
    }
}

extension KindCatalog {
    /// The types of the kinds that are queue drivers, in order of name.
    var queueDrivers: [any QueueDriverKind.Type] {
        all.compactMap { ($0 as? any QueueDriverKind).map { type(of: $0) } }
    }
}

extension QueueDriverKind {
    fileprivate static func options(from fields: inout FieldReader) -> any EntryConfig { readOptions(from: &fields) }
}
