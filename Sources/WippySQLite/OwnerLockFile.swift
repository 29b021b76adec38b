import Glibc
import Synchronization
import WippyRuntime
import WippySQL
import WippySystem

/// The locks of the owners of a database file.
///
/// They are locks on a second file beside the database. Each owner locks the byte whose offset is the owner's number.
///
/// They are locks of open file descriptions (OFD locks, Linux). The kernel releases a lock when its descriptor is
/// closed. This also happens when the process dies or calls `exec`. Closing another descriptor of the file releases no
/// lock.
final class OwnerLockFile: OwnerLocks {
    /// Keeps the byte locked until it is released.
    private final class Lock: OwnerLock {
        private let file: Mutex<Descriptor?>

        init(_ file: Descriptor) {
            self.file = Mutex(file)
        }

        var isHeld: Bool { file.withLock { $0 != nil } }

        func release() { file.withLock { $0 = nil } }
    }

    private let path: String

    init(beside database: String) {
        path = database + "-owners"
    }

    func lock(_ owner: Int) throws -> any OwnerLock {
        let file = try Descriptor(opening: path)
        guard file.control(Descriptor.setLock, byte: owner) != nil else {
            throw problem("cannot take this process's lock \(owner)")
        }
        return Lock(file)
    }

    func isHeld(_ owner: Int) throws -> Bool {
        // This needs a separate descriptor, because a lock of the same file description would not be reported.
        guard let kind = try Descriptor(opening: path).control(Descriptor.getLock, byte: owner) else {
            throw problem("cannot tell whether the process with the lock \(owner) is alive")
        }
        return kind != F_UNLCK
    }

    private func problem(_ sentence: String) -> WippyError {
        WippyError(.unavailable, "\(sentence): '\(path)': \(SystemError.words(for: errno))", isRetryable: true)
    }

    /// An open file.
    private final class Descriptor: Sendable {
        // Linux's own numbers, from fcntl.h, which Swift does not import.
        static let getLock: CInt = 36
        static let setLock: CInt = 37

        private let number: CInt

        init(opening path: String) throws {
            number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard number >= 0 else {
                throw WippyError(
                    .unavailable, "cannot open '\(path)': \(SystemError.words(for: errno))", isRetryable: true)
            }
        }

        deinit {
            if number >= 0 { close(number) }
        }

        /// Sets the lock of a byte, or asks for the lock on a byte.
        ///
        /// - Returns: the type of the lock that prevents this lock, or of the lock that was set; nil if the call
        ///   failed.
        func control(_ command: CInt, byte: Int) -> CInt? {
            var lock = flock()
            lock.l_type = Int16(F_WRLCK)
            lock.l_whence = Int16(SEEK_SET)
            lock.l_start = off_t(byte)
            lock.l_len = 1
            return unsafe fcntl(number, command, &lock) == 0 ? CInt(lock.l_type) : nil
        }
    }
}
