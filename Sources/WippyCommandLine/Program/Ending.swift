import Glibc
import Synchronization
import WippyDefinition

/// The end of the program: its exit status, and its last lines on standard error.
struct Ending {
    let status: Int32
    let line: String?

    /// Creates the ending for an error.
    ///
    /// An invalid project is shown in the same way as by `lint`.
    init(of error: any Error) {
        if let project = error as? InvalidProject {
            let isTerminal = Console.errorShowsColors
            let printer = DiagnosticPrinter(sources: isTerminal ? project.sources : nil, isColored: isTerminal)
            self.init(status: 1, line: printer.text(of: project.report, on: project.entryCount))
            return
        }
        self.init(status: (error as? ChildPrograms.Interruption)?.exitStatus ?? 1, line: "Error: \(error)")
    }

    init(status: Int32, line: String? = nil) {
        self.status = status
        self.line = line
    }

    /// Writes the line and ends the program within two seconds, even if standard output and error are not read.
    func endProgram() -> Never {
        exitStatus.store(status, ordering: .relaxed)
        signal(SIGALRM) { _ in _exit(exitStatus.load(ordering: .relaxed)) }
        var alarm = sigset_t()
        unsafe sigemptyset(&alarm)
        unsafe sigaddset(&alarm, SIGALRM)
        unsafe pthread_sigmask(SIG_UNBLOCK, &alarm, nil)
        Glibc.alarm(2)
        if let line { Console.error(line) }
        // This also writes the output that handlers have buffered.
        exit(status)
    }
}

/// The exit status for the handler of the alarm.
private let exitStatus = Atomic<Int32>(1)
