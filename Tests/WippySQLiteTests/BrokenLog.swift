import Glibc
import Synchronization
import Testing

/// The write-ahead log of a database that this process has open, as a broken disk would have it.
///
/// Another file takes the place of the log in the connections' descriptors.
final class BrokenLog: Sendable {
    enum Failure {
        /// Every write fails.
        case writes
        /// Every write succeeds, every flush fails, and nothing is kept.
        case flushes
    }

    private let kept = Mutex<[(descriptor: CInt, copy: CInt)]>([])

    /// Breaks the log of the database at a path, or mends it.
    func turn(_ failure: Failure, on isOn: Bool, of database: String) throws {
        if isOn { try replace(database + "-wal", failure) } else { putBack() }
    }

    private func replace(_ log: String, _ failure: Failure) throws {
        let pointer = try #require(realpath(log, nil))
        defer { free(pointer) }
        let real = String(cString: pointer)
        let descriptors = (0..<1024).map { CInt($0) }.filter { Self.path(of: $0) == real }
        try #require(!descriptors.isEmpty, "no connection has '\(real)' open")
        for descriptor in descriptors {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            kept.withLock { $0.append((descriptor, copy)) }
            let other = failure == .writes ? open(real, O_RDONLY | O_CLOEXEC) : open("/dev/null", O_RDWR | O_CLOEXEC)
            try #require(copy >= 0 && other >= 0)
            Self.put(other, at: descriptor)
        }
    }

    private func putBack() {
        for (descriptor, copy) in kept.withLock({ exchange(&$0, with: []) }) {
            Self.put(copy, at: descriptor)
        }
    }

    /// Moves an open file to another descriptor.
    private static func put(_ file: CInt, at descriptor: CInt) {
        dup2(file, descriptor)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        close(file)
    }

    private static func path(of descriptor: CInt) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/fd/\(descriptor)", &bytes, bytes.count)
        guard length > 0 else { return nil }
        return String(decoding: bytes.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
