import Glibc
import WippySystem

/// The descriptors that a program begins with: standard input, output and error, and room for more.
enum Descriptors {
    /// How many files and sockets a program must be allowed to have open.
    private static let openFilesMin = 64

    /// Opens `/dev/null` for each that is closed.
    ///
    /// Else the next file or socket would get its number, and what is printed would go there. Before anything else is
    /// opened.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The system gives out the lowest number that is free.
            guard unsafe Glibc.open("/dev/null", O_RDWR) == descriptor else { _exit(1) }
        }
    }

    /// Why this program cannot do its work with the files that it may have open; nil if it can.
    ///
    /// Swift's runtime and libuv end the program without a word where they lack a descriptor. The first half of them is
    /// for whoever started the program and left some open.
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

    /// Keeps a write to a pipe or socket that nobody reads an error, and not the end of the program.
    ///
    /// By an empty handler: programs that are started inherit an ignored signal, and get this one anew.
    static func surviveBrokenPipes() {
        guard !Signals.isIgnored(SIGPIPE) else { return }
        signal(SIGPIPE) { _ in }
    }
}
