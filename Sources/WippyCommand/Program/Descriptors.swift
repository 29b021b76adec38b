import Glibc
import WippySystem

/// Checks the descriptors that a program begins with: standard input, output and error, and room for more.
enum Descriptors {
    /// The smallest number of open files and sockets that a program needs.
    private static let openFilesMin = 64

    /// Opens `/dev/null` for each standard descriptor that is closed.
    ///
    /// Otherwise, the next file or socket would get its number and receive the program's output. Call this before
    /// anything else is opened.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The system gives out the lowest free number.
            guard unsafe Glibc.open("/dev/null", O_RDWR) == descriptor else { _exit(1) }
        }
    }

    /// Returns the reason why the program cannot work with its limit of open files; nil if it can.
    ///
    /// Swift's runtime and libuv end the program without a message if there are no descriptors. The other half of the
    /// descriptors is for the program's parent, which may have left some open.
    static func want(of program: String) -> String? {
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

    /// Makes a write to a pipe or socket without a reader an error, instead of the end of the program.
    ///
    /// It sets an empty handler: started programs would inherit an ignored signal, but not a handler.
    static func surviveBrokenPipes() {
        guard !Signals.isIgnored(SIGPIPE) else { return }
        signal(SIGPIPE) { _ in }
    }
}
