public import WippyDefinition
public import WippyRuntime
import WippyText

/// An entry that stores the messages of queues, such as in memory or in a database.
public protocol QueueDriver: Sendable {
    /// The fields that a queue has for the driver, below `driver_options` and the driver's name. Default: none.
    associatedtype Options: EntryConfig = NoConfig

    /// The type of the driver's queues.
    associatedtype Queue: MessageQueue

    /// The options of a message that the driver's queues support. Default: none.
    ///
    /// A queue must follow these options. If the driver does not support every option, the queue must call
    /// ``MessageOption/refuse(in:for:besides:)`` before it accepts a published message.
    static var supportedOptions: Set<MessageOption> { get }

    /// The fields of a queue that ``update(_:settings:options:deadLetters:)`` cannot change in place, in the order in
    /// which the manual names them; nil if the driver has no such list.
    ///
    /// The page of `queue.queue` names them. If a reload changes one of them, the queue is built anew, and `update` is
    /// not called. If the list is nil, the page has no sentence about the driver. Default: nil.
    static var queueFieldsBuiltAnew: [QueueField<Options>]? { get }

    /// Makes the queue of an entry.
    ///
    /// It may be called before the driver's service runs, while it runs, and again for the same id. `lint` also calls
    /// it, and discards the queue.
    ///
    /// Do not open files or connections here, because that is the task of the driver's service.
    /// ``QueueDriverKind/check(queue:options:)`` reports settings that the driver does not support.
    ///
    /// - Throws: an error for a problem that the check cannot find. Its description is shown to the user.
    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Queue

    /// Prepares a change of a queue's settings. The queue keeps its messages and waiting callers.
    ///
    /// Change nothing here. The returned `Update` is applied when the plan is put in force. The default implementation
    /// returns nil.
    ///
    /// This method is not called if one of ``queueFieldsBuiltAnew`` has another value.
    ///
    /// - Parameters:
    ///   - queue: a queue that this driver, or another driver of the same type, has made.
    ///   - settings: the new settings of the queue.
    ///   - options: the new options of the queue for this driver.
    ///   - deadLetters: the queue for dead letters and the number of attempts; nil for none.
    /// - Returns: the change; nil if the queue must be built anew.
    /// - Throws: the same errors as ``makeQueue(_:settings:options:deadLetters:)``.
    func update(
        _ queue: Queue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Update?
}

extension QueueDriver {
    /// The default: no options.
    public static var supportedOptions: Set<MessageOption> { [] }

    /// The default: nil.
    public static var queueFieldsBuiltAnew: [QueueField<Options>]? { nil }

    /// Returns nil, so the queue is built anew.
    public func update(
        _ queue: Queue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Update? { nil }
}

extension Contract where Offered == any QueueDriver {
    /// The contract of a queue driver, which stores the messages of queues.
    ///
    /// A kind that offers it must be a ``QueueDriverKind``.
    public static var queueDriver: Self { Contract("a queue driver") }
}

/// A kind whose entries are queue drivers.
///
/// A ``QueueSetup`` finds such kinds in the program, and reads the options of each of them. Lint checks the queues of
/// each driver by the two `check` methods here, whatever the kinds of the queues are. It also warns about a queue's
/// options for other drivers.
public protocol QueueDriverKind: SharedCheckKind where Component: QueueDriver {
    /// The driver's name under `driver_options`. Default: the text after the last dot of the kind's name.
    static var driverName: String { get }

    /// Returns diagnostics about settings of a queue that the driver does not support. Default: none.
    ///
    /// - Parameters:
    ///   - queue: the queue's entry. `queue.error("codec", "…")` makes an error at the place of a field.
    ///   - options: the queue's fields under ``optionsPath``.
    func check(queue: Entry<QueueSettings>, options: Component.Options) -> [Diagnostic]

    /// Returns diagnostics that concern several queues of one driver. Default: none.
    ///
    /// - Parameter queues: the driver's queues, sorted by id, without those that have errors in their fields. They may
    ///   have different kinds.
    func check(queuesOfOne queues: [Entry<QueueSettings>]) -> [Diagnostic]
}

extension QueueDriverKind {
    /// Adds the kind to the program's kinds of entries, to its kinds with a shared check, and to its kinds of queue
    /// drivers.
    public func list(in parts: inout ProgramParts) {
        parts.add(self, as: (any EntryKind).self)
        parts.add(self, as: (any SharedCheckKind).self)
        parts.add(self, as: (any QueueDriverKind).self)
    }

    /// The default: the text after the last dot of the kind's name.
    public static var driverName: String {
        name.description.unicodeScalars.split(separator: ".").last.map { String($0) } ?? ""
    }

    /// Returns an error if a queue has another codec than ``QueueSettings/plainJSON``.
    ///
    /// Call it in ``check(queue:options:)`` if the driver keeps bodies only as JSON texts.
    public func refuseOtherCodecs(of queue: Entry<QueueSettings>) -> [Diagnostic] {
        let codec = queue.config.codec
        guard !ExactText.areEqual(codec, QueueSettings.plainJSON) else { return [] }
        return [
            queue.error(
                QueueSettings.codecField,
                "is '\(codec)', but \(Self.name.withArticle) keeps bodies only as \(QueueSettings.plainJSON)")
        ]
    }

    /// Returns each queue that shares its place in the driver with another queue because of its field `queue_name`.
    ///
    /// Call it in ``check(queuesOfOne:)``, and make a diagnostic of each result.
    ///
    /// - Parameters:
    ///   - queues: the queues of one driver.
    ///   - place: returns the place where the driver keeps the messages of a queue, such as a key or a folder.
    /// - Returns: each such queue, with another queue at the same place.
    public func queuesOfOneName<Place: Hashable>(
        among queues: [Entry<QueueSettings>], by place: (Entry<QueueSettings>) -> Place
    ) -> [(queue: Entry<QueueSettings>, other: Entry<QueueSettings>)] {
        Dictionary(grouping: queues, by: place).values.flatMap { same in
            same.filter { $0.config.name != nil }.compactMap { queue in
                same.first { $0.id != queue.id }.map { (queue, $0) }
            }
        }
    }

    /// Offers the component as a queue driver.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.queueDriver) { $0 }] }

    /// Returns no diagnostics.
    public func check(queue: Entry<QueueSettings>, options: Component.Options) -> [Diagnostic] { [] }

    /// Returns no diagnostics.
    public func check(queuesOfOne queues: [Entry<QueueSettings>]) -> [Diagnostic] { [] }

    /// The descriptions of the options that queues have for the driver.
    public static var fieldsOfOthers: [FieldDescription] {
        var reader = FieldReader()
        _ = readOptions(from: &reader)
        return reader.descriptions
    }

    package static var supportedOptions: Set<MessageOption> { Component.supportedOptions }

    static func readOptions(from fields: inout FieldReader) -> Component.Options {
        fields.nested(optionsPath) { Component.Options(from: &$0) }
    }

    /// The path of the driver's options in a queue: `driver_options`, a dot and the driver's name.
    public static var optionsPath: String { "\(QueueSettings.driverOptionsField).\(driverName)" }
}
