import WippyThreads

/// The state that all connections of a server share.
final class ServerContext: Sendable {
    let responder: any HTTPResponder
    let observer: (any HTTPServerObserver)?
    /// The first part of all request ids.
    let idPrefix: String

    private let connections = WaitGroup()

    init(_ responder: any HTTPResponder, _ observer: (any HTTPServerObserver)?) {
        self.responder = responder
        self.observer = observer
        idPrefix = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
    }

    func connectionBegan() {
        connections.enter()
        observer?.connectionOpened()
    }

    /// Called when the connection is closed and its task has ended.
    func connectionEnded() {
        observer?.connectionClosed()
        connections.leave()
    }

    /// Returns when no connection is left, or when the calling task is cancelled.
    func allEnded() async {
        await connections.wait()
    }
}
