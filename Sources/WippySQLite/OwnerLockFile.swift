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
    ///
    /// The lock is lost if the file is removed or replaced: others lock the bytes of the file that has the name.
    private final class Lock: OwnerLock {
        private let file: Mutex<Descriptor?>
        private let path: String

        init(_ file: Descriptor, at path: String) {
            self.file = Mutex(file)
            self.path = path
        }

        var isHeld: Bool {
            get throws { try file.withLock { try $0?.isFile(at: path) ?? false } }
        }

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
        return Lock(file, at: path)
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

        /// True if a path names this file.
        ///
        /// - Throws: `WippyError` of kind `Unavailable` if the system cannot tell.
        func isFile(at path: String) throws -> Bool {
            var (own, named) = (stat(), stat())
            guard unsafe fstat(number, &own) == 0, unsafe stat(path, &named) == 0 else {
                if errno == ENOENT || errno == ENOTDIR { return false }
                throw WippyError(
                    .unavailable, "cannot look at '\(path)': \(SystemError.words(for: errno))", isRetryable: true)
            }
            return own.st_dev == named.st_dev && own.st_ino == named.st_ino
        }
    }
}
