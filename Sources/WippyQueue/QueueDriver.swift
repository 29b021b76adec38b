public import WippyDefinition
public import WippyRuntime

/// An entry that keeps the messages of queues: in memory, in a database, at a broker.
public protocol QueueDriver: Sendable {
    /// What stands below `driver_options` and the driver's name in each of its queues; nothing unless the driver says
    /// otherwise.
    associatedtype Options: EntryConfig = NoConfig

    /// Its queues.
    associatedtype Queue: MessageQueue

    /// Makes the queue of an entry: when the application is built, before the driver's service runs, and when it gets
    /// another plan, while the service runs; once more under the same id for a queue that cannot go on as it is.
    ///
    /// It opens nothing: what can fail for reasons outside the definition files is the part of the driver's service.
    /// Which settings the driver cannot follow is said before, by ``QueueDriverKind/check(queue:options:)``.
    ///
    /// - Throws: an error whose description says what only the making shows.
    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Queue

    /// Prepares to have a queue go on with other settings, with all that it holds and whoever waits at it; by default
    /// that is not possible, and the queue is made anew.
    ///
    /// Called when the running application gets another plan in which the queue's entry, or its driver, says something
    /// else. Nothing changes here: what `Update` holds is called when the plan is put in force.
    ///
    /// - Parameter queue: made by this driver, or by another one of the same type whose place this one takes.
    /// - Returns: nil to have the queue made anew. The plan is refused then while the old one holds messages.
    /// - Throws: as ``makeQueue(_:settings:options:deadLetters:)``.
    func update(
        _ queue: Queue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Update?
}

extension QueueDriver {
    /// By default a queue is made anew.
    public func update(
        _ queue: Queue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Update? { nil }
}

extension Contract where Offered == any QueueDriver {
    /// An entry that keeps the messages of queues.
    public static var queueDriver: Self { Contract("a queue driver") }
}

/// A kind whose entries are queue drivers.
///
/// `queue.queue` finds such kinds among those of the program: it reads and checks their options, and refuses those of a
/// driver that is not the queue's.
public protocol QueueDriverKind: EntryKind where Component: QueueDriver {
    /// The driver's name below `driver_options`; the last word of the kind's name unless stated.
    static var driverName: String { get }

    /// Finds what the driver cannot follow of what a queue says to it; by default nothing.
    ///
    /// - Parameters:
    ///   - queue: the queue's entry; `queue.error("codec", "…")` says what is wrong at the place of the field.
    ///   - options: what the queue says below ``optionsPath``.
    func check(queue: Entry<QueueSettings>, options: Component.Options) -> [Diagnostic]

    /// Finds what the queues of one driver show together; by default nothing. Called with those without errors, in
    /// order of id.
    func check(queuesOfOne queues: [Entry<QueueSettings>]) -> [Diagnostic]
}

extension QueueDriverKind {
    /// The last word of the kind's name.
    public static var driverName: String {
        name.description.unicodeScalars.split(separator: ".").last.map { String($0) } ?? ""
    }

    /// A driver for its queues.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.queueDriver) { $0 }] }

    /// By default it can follow everything.
    public func check(queue: Entry<QueueSettings>, options: Component.Options) -> [Diagnostic] { [] }

    /// By default they can stand together.
    public func check(queuesOfOne queues: [Entry<QueueSettings>]) -> [Diagnostic] { [] }

    /// The options of its queues.
    public static var fieldsOfOthers: [FieldDescription] {
        var reader = FieldReader()
        _ = readOptions(from: &reader)
        return reader.descriptions
    }

    static func readOptions(from fields: inout FieldReader) -> Component.Options {
        fields.nested(optionsPath) { Component.Options(from: &$0) }
    }

    /// Where its options stand in a queue: `driver_options`, a dot and the driver's name.
    public static var optionsPath: String { "driver_options.\(driverName)" }
}
