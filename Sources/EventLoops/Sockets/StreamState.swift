/// The state of a connection: which of its directions can be used, and the effect of each event.
///
///     reading:  paused ⇄ going ─→ ended
///     writing:  open ─→ finishing ─→ ending ─→ ended
///
/// Each direction has its own state, until both have ended or the connection is closed.
enum StreamState {
    case open(Reading, Writing)
    /// The error is nil if you closed the connection, or if both directions have ended.
    case closed(SocketError?)

    enum Reading {
        case paused
        case going
        /// The peer will send no more.
        case ended
    }

    enum Writing {
        case open
        /// New bytes are refused, and queued bytes go out first.
        case finishing
        /// The system was told that no more bytes come.
        case ending
        /// The peer was told that no more bytes come, or has gone.
        case ended
    }

    var isOpen: Bool { if case .open = self { true } else { false } }

    /// True if bytes that you write now are queued.
    var acceptsBytes: Bool { if case .open(_, .open) = self { true } else { false } }

    /// The error that closed the connection.
    var error: SocketError? { if case .closed(let error) = self { error } else { nil } }

    /// True if both directions have ended, and the connection is not closed yet.
    var isOver: Bool { if case .open(.ended, .ended) = self { true } else { false } }

    /// - Returns: true if the system must be asked for arriving bytes.
    mutating func startReading() -> Bool {
        guard case .open(.paused, let writing) = self else { return false }
        self = .open(.going, writing)
        return true
    }

    /// - Returns: true if the system must no longer be asked.
    mutating func pauseReading() -> Bool {
        guard case .open(.going, let writing) = self else { return false }
        self = .open(.paused, writing)
        return true
    }

    /// Called when the peer has ended.
    mutating func endReading() {
        guard case .open(_, let writing) = self else { return }
        self = .open(.ended, writing)
    }

    /// - Returns: true if the end must follow the queued bytes.
    mutating func finishWriting() -> Bool {
        guard case .open(let reading, .open) = self else { return false }
        self = .open(reading, .finishing)
        return true
    }

    /// Called when all queued bytes are out.
    ///
    /// - Returns: true if the system must be told that no more bytes come.
    mutating func beginEnd() -> Bool {
        guard case .open(let reading, .finishing) = self else { return false }
        self = .open(reading, .ending)
        return true
    }

    /// Called when the peer was told that no more bytes come, and when it could not be told because it has gone.
    mutating func endWriting() {
        guard case .open(let reading, .ending) = self else { return }
        self = .open(reading, .ended)
    }

    /// - Returns: true if the connection was open.
    mutating func close(_ error: SocketError?) -> Bool {
        guard isOpen else { return false }
        self = .closed(error)
        return true
    }
}
