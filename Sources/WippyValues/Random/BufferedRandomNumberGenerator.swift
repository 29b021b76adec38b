import Glibc

/// The system's secure random numbers, several of which come from one system call.
///
/// A number is erased from memory when it is returned.
struct BufferedRandomNumberGenerator: RandomNumberGenerator {
    /// The buffer: as many numbers as one system call fills without interruption, 256 bytes.
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
            // The standard library may have another source of random numbers.
            var system = SystemRandomNumberGenerator()
            for index in numbers.indices { numbers[index] = system.next() }
        }
        left = numbers.count
    }
}
