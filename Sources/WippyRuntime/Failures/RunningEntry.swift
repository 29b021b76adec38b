import CWippyTraps
import Synchronization
public import WippyDefinition
import WippyText

/// The entry whose code a task runs.
///
/// The report of a trap names it.
///
/// It belongs to the task. So it follows the code through every wait and into child tasks. A detached task does not
/// have it.
///
/// `@unchecked Sendable`: the name to which it points is never changed and never freed, because a signal's handler may
/// read it at any moment. The program has one name for each id that it has ever had.
@safe
public struct RunningEntry: @unchecked Sendable {
    @usableFromInline static let current = TaskLocal<RunningEntry?>(wrappedValue: nil)

    private static let all = Mutex<[EntryID: RunningEntry]>([:])

    /// The id as text, with a zero byte at its end.
    private let name: UnsafePointer<CChar>

    /// Creates the running entry with an id.
    public init(_ id: EntryID) {
        self = Self.all.withLock { all in
            if let known = all[id] { return known }
            let new = RunningEntry(named: id.description)
            all[id] = new
            return new
        }
    }

    private init(named id: String) {
        let bytes = id.visible.utf8CString
        let name = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { unsafe (name + index).initialize(to: byte) }
        unsafe self.name = UnsafePointer(name)
    }

    /// Creates the running entry with a number; nil for zero.
    ///
    /// - Parameter number: the ``number`` of an entry of this process.
    public init?(number: UInt) {
        guard let name = unsafe UnsafePointer<CChar>(bitPattern: number) else { return nil }
        unsafe self.name = name
    }

    /// A number for the entry, for code that does not know entries.
    public var number: UInt { unsafe UInt(bitPattern: name) }

    /// Runs synchronous code.
    ///
    /// If the code traps, the report names this entry. The report of a stalled event loop names only entries whose code
    /// runs by ``Placement/runHere(_:)``.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.current.withValue(self, operation: body)
    }
}

extension RunningEntry: CustomStringConvertible {
    /// The entry's id.
    public var description: String { unsafe String(cString: name) }
}

extension RunningEntry {
    /// Makes a trap write one line to standard error before the process ends.
    ///
    /// The line names the entry whose code caused the trap.
    ///
    /// Call this at the start of a program. It installs handlers for SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE and
    /// SIGABRT in the whole process. It passes each signal on to the former handler.
    public static func reportTraps() {
        unsafe wippy_traps_report { unsafe RunningEntry.current.get()?.name }
    }

    /// Prepares the calling thread.
    ///
    /// Then a trap is reported even if the thread's stack has overflowed.
    public static func prepareThread() {
        wippy_traps_prepare_thread()
    }
}
