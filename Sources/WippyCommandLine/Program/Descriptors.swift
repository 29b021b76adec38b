import Glibc
import WippySystem

/// Checks the descriptors with which a program begins: standard input, output and error, and the number of free
/// descriptors.
enum Descriptors {
    /// The smallest number of open files and sockets that a program needs.
    private static let openFilesMin = 64

    /// Opens `/dev/null` for each standard descriptor that is closed.
    ///
    /// Otherwise, the next file or socket would get the number of that descriptor, and the program's output would go
    /// there. Call this before the program opens anything.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The system gives out the lowest free number.
            guard unsafe Glibc.open("/dev/null", O_RDWR) == descriptor else { _exit(1) }
        }
    }

    /// Returns the sentence about too few open files for the program; nil if it can open enough.
    ///
    /// Without descriptors, Swift's runtime and libuv end the program without a message. Half of the descriptors are
    /// checked, because the program's parent may have left some open.
    static func shortage(for program: String) -> String? {
        let limit = OpenFileLimit.current
        guard limit >= openFilesMin else {
            return "\(program) needs \(openFilesMin) open files, and the limit is \(limit): raise it with 'ulimit -n'"
        }
        var tried: [Int32] = []
        defer { for descriptor in tried { close(descriptor) } }
        while tried.count < openFilesMin / 2 {
            let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0 else {
                return
                    "\(program) was started with too many open files; the limit is \(limit): raise it with 'ulimit -n'"
            }
            tried.append(descriptor)
        }
        return nil
    }

    /// Keeps the program running when it writes to a pipe or socket without a reader.
    ///
    /// Such a write fails with an error.
    ///
    /// It sets an empty handler instead of ignoring the signal. Started programs would inherit an ignored signal, but
    /// they do not inherit a handler.
    static func surviveBrokenPipes() {
        guard !Signals.isIgnored(SIGPIPE) else { return }
        signal(SIGPIPE) { _ in }
    }
}
