import WippyDefinition
import WippyRuntime
import WippyText

/// What a queue says to each driver that the program knows: `driver_options`.
struct DriverOptions: Sendable, Equatable {
    private let options: [any EntryConfig]

    /// Reads the options of every driver, so that those of one that is not there are unknown fields.
    init(from fields: inout FieldReader, kinds: KindCatalog) {
        let drivers = kinds.all.compactMap { $0 as? any QueueDriverKind }
        options = drivers.map { type(of: $0).options(from: &fields) }
        let names = Set(drivers.map { ExactText(type(of: $0).driverName) })
        for name: ExactText in ["amqp", "sqs"] where !names.contains(name) {
            fields.ignored("driver_options.\(name)", because: "it is for a driver that is not there")
        }
    }

    /// The options of a driver: those that are unwritten, if no kind reads them.
    func options<Driver: QueueDriver>(for driver: Driver) -> Driver.Options {
        options.lazy.compactMap { $0 as? Driver.Options }.first ?? .standard
    }

    static func == (left: DriverOptions, right: DriverOptions) -> Bool {
        left.options.elementsEqual(right.options) { $0.equals($1) }
    }
}

extension QueueDriverKind {
    fileprivate static func options(from fields: inout FieldReader) -> any EntryConfig { readOptions(from: &fields) }
}
