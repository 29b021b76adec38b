import CWippyLinux
import Glibc
import Synchronization
import WippySystem
import WippyThreads

/// A program that was started, and that is killed with the last reference to this object.
///
/// Foundation's `Process` cannot start it. When thousands of descriptors are open, it reads past the end of their list.
final class ChildProcess: Sendable {
    /// The child's number in the system.
    let id: pid_t
    private let end = End()

    private final class End: Sendable {
        let status = Mutex<Int32?>(nil)
    }

    /// The system cannot start the program.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        fileprivate init(_ what: String, _ number: Int32) {
            description = "cannot start \(what): \(SystemError.words(for: number))"
        }
    }

    /// Starts a program in a folder.
    ///
    /// It has no input and no descriptors but the standard ones.
    ///
    /// - Parameters:
    ///   - arguments: those behind the program's own path.
    ///   - log: the file for its output and its errors.
    init(
        _ path: String, _ arguments: [String], in folder: String, environment: [String: String], log: String
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        posix_spawn_file_actions_addchdir_np(&actions, folder)
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        // A signal for the group of the tests is none for their children.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var id = pid_t()
        let number = withArgumentList([path] + arguments) { arguments in
            withArgumentList(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&id, path, &actions, &attributes, arguments, environment)
            }
        }
        guard number == 0 else { throw Failure("'\(path)'", number) }
        self.id = id
        do {
            try SystemThread.start(name: "child", blocking: .all) { [id, end] in Self.wait(for: id, end) }
        } catch {
            kill(id, SIGKILL)
            throw Failure("a thread", error.number)
        }
    }

    /// Waits for the end of a child, which is taken from the system only while nobody sends it a signal.
    private static func wait(for id: pid_t, _ end: End) {
        var information = siginfo_t()
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        end.status.withLock { status in
            var word: Int32 = 0
            while waitpid(id, &word, 0) < 0, errno == EINTR {}
            let signal = word & 0x7f
            status = signal == 0 ? word >> 8 & 0xff : -signal
        }
    }

    /// The exit status of a program that has ended; below zero, the number of the signal that ended it.
    var exitStatus: Int32? { end.status.withLock { $0 } }

    /// Sends a signal, unless the program has ended.
    func signal(_ number: Int32) {
        end.status.withLock { status in
            if status == nil { kill(id, number) }
        }
    }

    deinit { signal(SIGKILL) }
}
