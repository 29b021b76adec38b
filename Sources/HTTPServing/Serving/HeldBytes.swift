/// What has been received and not parsed.
struct HeldBytes {
    /// From this many on, no more is received: 64 KiB.
    ///
    /// With one more read on top, at most twice as much is held.
    static let bound = 64 << 10

    private(set) var bytes: [UInt8] = []
    /// Where the unparsed bytes begin.
    private(set) var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { start == bytes.count }
    var isFull: Bool { count >= Self.bound }

    mutating func append(_ more: Span<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(copying: more)
    }

    /// Forgets what lies before this place.
    mutating func consume(to place: Int) {
        start = place
        guard isEmpty, start > 0 else { return }
        // Small enough to be kept for the next request by a connection that may be idle for long.
        bytes.removeAll(keepingCapacity: bytes.capacity <= 2048)
        start = 0
    }

    mutating func removeAll() {
        bytes = []
        start = 0
    }
}
