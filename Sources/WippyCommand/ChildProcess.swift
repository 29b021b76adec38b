import Glibc

/// Programs that the command line starts: the Swift package manager, and the application that it built.
enum ChildProcess {
    /// Runs a program of the search path with its output on standard error, and waits for its end.
    ///
    /// - Returns: its exit status; 128 and the signal's number if a signal ended it.
    static func run(_ arguments: [String]) throws(BuildFailure) -> Int32 {
        let id = try spawn(arguments, output: STDERR_FILENO)
        return wait(for: id)
    }

    /// Runs a program of the search path and reads what it prints.
    static func output(of arguments: [String]) throws(BuildFailure) -> String {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw BuildFailure("no pipe can be made (\(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let id: pid_t
        do throws(BuildFailure) {
            id = try spawn(arguments, output: ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        let text = readAll(from: ends[0])
        guard wait(for: id) == 0 else { throw BuildFailure("'\(arguments.joined(separator: " "))' failed") }
        return text
    }

    /// Replaces this program; returns only if that fails.
    static func replaceProgram(with path: String, _ arguments: [String]) -> BuildFailure {
        unsafe withArguments([path] + arguments) { _ = unsafe execv(path, $0) }
        return BuildFailure("'\(path)' cannot be run (\(errno))")
    }

    private static func spawn(_ arguments: [String], output: Int32) throws(BuildFailure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var id = pid_t()
        let code = unsafe withArguments(arguments) {
            unsafe posix_spawnp(&id, arguments[0], &actions, nil, $0, environ)
        }
        guard code == 0 else {
            throw BuildFailure(
                "'\(arguments[0])' cannot be started (\(code)); is the Swift toolchain on the search path?")
        }
        return id
    }

    private static func wait(for id: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private static func readAll(from descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Calls a body with the arguments as C wants them.
    private static func withArguments<Result>(
        _ arguments: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe pointers.indices { unsafe free(pointers[index]) }
        }
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                preconditionFailure("the list ends with nil, so it is not empty")
            }
            return unsafe body(start)
        }
    }
}
