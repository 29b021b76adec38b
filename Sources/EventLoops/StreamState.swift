/// What has become of a connection: which of its directions may be used, and what follows from each event.
///
///     reading:  paused ⇄ going ─→ ended
///     writing:  open ─→ finishing ─→ ending ─→ ended
///
/// Each direction goes its own way, until both have ended or something closes the connection.
enum StreamState {
    case open(Reading, Writing)
    /// The error is nil if this side closed it, or both directions have ended.
    case closed(SocketError?)

    enum Reading {
        case paused
        case going
        /// The peer will send no more.
        case ended
    }

    enum Writing {
        case open
        /// Nothing more is accepted, and what is queued goes out first.
        case finishing
        /// The system was told that no more comes.
        case ending
        /// The peer has been told so.
        case ended
    }

    var isOpen: Bool { if case .open = self { true } else { false } }

    /// Whether what is written is queued.
    var acceptsBytes: Bool { if case .open(_, .open) = self { true } else { false } }

    /// Why it is closed.
    var error: SocketError? { if case .closed(let error) = self { error } else { nil } }

    /// Whether the ends of both sides have passed, so that nothing can happen any more.
    var isOver: Bool { if case .open(.ended, .ended) = self { true } else { false } }

    /// - Returns: Whether the system is to be asked for what arrives.
    mutating func startReading() -> Bool {
        guard case .open(.paused, let writing) = self else { return false }
        self = .open(.going, writing)
        return true
    }

    /// - Returns: Whether the system is to be asked no more.
    mutating func pauseReading() -> Bool {
        guard case .open(.going, let writing) = self else { return false }
        self = .open(.paused, writing)
        return true
    }

    /// The peer has ended.
    mutating func endReading() {
        guard case .open(_, let writing) = self else { return }
        self = .open(.ended, writing)
    }

    /// - Returns: Whether the end is to follow what is queued.
    mutating func finishWriting() -> Bool {
        guard case .open(let reading, .open) = self else { return false }
        self = .open(reading, .finishing)
        return true
    }

    /// Everything queued is out.
    ///
    /// - Returns: Whether the system is to be told that no more comes.
    mutating func beginEnd() -> Bool {
        guard case .open(let reading, .finishing) = self else { return false }
        self = .open(reading, .ending)
        return true
    }

    /// The peer has been told that no more comes.
    mutating func endWriting() {
        guard case .open(let reading, .ending) = self else { return }
        self = .open(reading, .ended)
    }

    /// - Returns: Whether it was open.
    mutating func close(_ error: SocketError?) -> Bool {
        guard isOpen else { return false }
        self = .closed(error)
        return true
    }
}
