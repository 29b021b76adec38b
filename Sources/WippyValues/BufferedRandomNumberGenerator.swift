import Glibc

/// The system's secure random numbers.
///
/// One call of the system fetches several of them.
///
/// A number is erased from memory when it is handed out.
struct BufferedRandomNumberGenerator: RandomNumberGenerator {
    /// As many numbers as the system fills without interruption: 256 bytes.
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
            // The standard library may know another source of the system.
            var system = SystemRandomNumberGenerator()
            for index in numbers.indices { numbers[index] = system.next() }
        }
        left = numbers.count
    }
}
