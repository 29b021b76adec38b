import Synchronization
public import WippyRuntime
public import WippyValues

/// An object of a running application that answers the requests of a command.
///
/// The command runs in another process, and asks with a ``RunningApplication``. The requests come over the control
/// socket, which `run` opens for its application. If it cannot be opened, the log says so. The modes of the socket and
/// its folder let only the user of the application, and root, reach it.
///
/// ```swift
/// struct CallFunction: ControlService {
///     static let name = "function"
///     private let registry: Registry
///
///     init(_ registry: Registry) {
///         self.registry = registry
///     }
///
///     func handle(_ request: ControlRequest, _ answer: ControlAnswer) async throws { … }
/// }
/// ```
///
/// Name the service in the ``Command/services`` of each command that asks it.
public protocol ControlService: Sendable {
    /// The name by which requests name the service: lower-case words joined by dashes.
    static var name: String { get }

    /// Creates the service of an application.
    ///
    /// - Parameter registry: the application's entries. `link(to:as:)` and `links(as:)` find an entry by its contract.
    ///   The registry has no entries before the application has been built.
    init(_ registry: Registry)

    /// Carries out a request and answers it.
    ///
    /// The method runs on a thread that all requests share. So do not block the thread. If the command ends or gives
    /// up, or if the application ends, then the task of the call is cancelled.
    ///
    /// - Parameters:
    ///   - request: the request. Its line has at most 64 KiB.
    ///   - answer: sends the values of the answer. The answer ends when the method returns.
    /// - Throws: any error. After the values that were sent, the command gets the error as the text of
    ///   `FailureReason.text(of:)`.
    func handle(_ request: ControlRequest, _ answer: ControlAnswer) async throws
}

extension ControlService {
    /// Returns all values of the answer to a request, without a control socket.
    ///
    /// - Throws: the errors of ``handle(_:_:)``.
    public func values(answering request: ControlRequest) async throws -> [Value] {
        let values = SentValues()
        try await handle(request, ControlAnswer { value in values.list.withLock { $0.append(value) } })
        return values.list.withLock { $0 }
    }
}

private final class SentValues: Sendable {
    let list = Mutex<[Value]>([])
}

/// The answer to a request of a command: any number of values.
public struct ControlAnswer: Sendable {
    private let write: @Sendable (Value) async throws -> Void

    init(_ write: @escaping @Sendable (Value) async throws -> Void) {
        self.write = write
    }

    /// Sends a value.
    ///
    /// If the command reads slowly, the call waits.
    ///
    /// - Throws: `CancellationError` if nobody reads the answer any more.
    public func send(_ value: Value) async throws { try await write(value) }
}
