public import WippyDefinition

/// Swift code behind an entry.
///
/// Do not conform to this protocol itself. Conform to one of its shapes: `MessageHandler`, ``FunctionHandler``,
/// ``ProcessHandler``, or a shape from a family of kinds, such as `HTTPHandler`.
///
/// The runtime makes an instance each time that an entry with the handler is built. Many tasks can call the instance at
/// the same time.
public protocol Handler: Sendable {
    /// The fields under the entry's `config:`. Default: none.
    associatedtype Config: EntryConfig = NoConfig

    /// The handler's name in definition files, after `handler:`, unless a ``HandlerTable`` gives it another name.
    /// Default: the type's name.
    static var name: String { get }

    /// The shape of the handler: its name in messages, its purpose, and the contract that its entries offer. The
    /// protocols of the shapes implement this property.
    static var shape: HandlerShape { get }

    /// Makes the instance for an entry. Get databases, queues and functions from the context here.
    ///
    /// `lint` also calls this, and discards the instance. So open nothing, write nothing and start no task.
    ///
    /// - Throws: an error that stops the application from being built, or a reload from being applied. The error's
    ///   description is shown with the entry's id.
    init(_ context: HandlerContext) throws
}

extension Handler {
    /// The default: the type's own name.
    public static var name: String { String(describing: Self.self) }

    /// True if the handler reads fields under `config:`: its `Config` is not `NoConfig`.
    public static var hasConfig: Bool { Config.self != NoConfig.self }
}
