import Glibc

/// The system's secure randomness, fetched for several numbers with one call of the system.
///
/// What has been handed out is erased, so that the memory never tells it again.
struct BufferedRandomNumberGenerator: RandomNumberGenerator {
    /// As many as the system fills without being interrupted: 256 bytes.
    private var numbers = InlineArray<32, UInt64>(repeating: 0)
    private var left = 0

    mutating func next() -> UInt64 {
        if left == 0 { refill() }
        left -= 1
        defer { numbers[left] = 0 }
        return numbers[left]
    }

    private mutating func refill() {
        var bytes = numbers.mutableSpan
        let isFilled = unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            return unsafe getentropy(start, bytes.count) == 0
        }
        if !isFilled {
            // The standard library knows what else the system has.
            var system = SystemRandomNumberGenerator()
            for index in numbers.indices { numbers[index] = system.next() }
        }
        left = numbers.count
    }
}
