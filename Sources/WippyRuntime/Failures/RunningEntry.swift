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
@safe
public struct RunningEntry: Sendable {
    @usableFromInline static let current = TaskLocal<RunningEntry?>(wrappedValue: nil)

    /// The ids of the names that exist, by their numbers.
    private static let ids = Mutex<[UInt: EntryID]>([:])
    private static let lastNumber = Atomic<UInt>(0)

    /// The id of an entry as text, with a zero byte at its end.
    ///
    /// A signal's handler reads the text at any moment of the code. The code's task keeps it until then.
    ///
    /// `@unchecked Sendable`: the text is never changed.
    @safe
    private final class Name: @unchecked Sendable {
        let number = RunningEntry.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        let text: UnsafePointer<CChar>

        init(_ id: EntryID) {
            let bytes = id.description.visible.utf8CString
            let text = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (index, byte) in bytes.enumerated() { unsafe (text + index).initialize(to: byte) }
            unsafe self.text = UnsafePointer(text)
            RunningEntry.ids.withLock { $0[number] = id }
        }

        deinit {
            RunningEntry.ids.withLock { _ = $0.removeValue(forKey: number) }
            unsafe text.deallocate()
        }
    }

    private let name: Name

    /// Creates the running entry with an id.
    public init(_ id: EntryID) {
        name = Name(id)
    }

    /// A number for the running entry, for code that does not know entries.
    ///
    /// Copies of the value have the same number. No other running entry of the process has it.
    public var number: UInt { name.number }

    /// Returns the id of a running entry by its ``number``; nil if no running entry has the number any more.
    public static func id(ofNumber number: UInt) -> EntryID? { ids.withLock { $0[number] } }

    /// Runs synchronous code.
    ///
    /// If the code traps, the report names this entry.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.current.withValue(self, operation: body)
    }
}

extension RunningEntry: CustomStringConvertible {
    /// The entry's id.
    public var description: String { unsafe String(cString: name.text) }
}

extension RunningEntry {
    /// Makes a trap write one line to standard error before the process ends.
    ///
    /// The line names the entry whose code caused the trap, or says that the trap was outside of every entry's code.
    ///
    /// Call this at the start of a program. The command line of `WippyCommandLine` does it for you. A further call has
    /// no effect. This method installs handlers for SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE and SIGABRT in the whole
    /// process. They pass each signal on to the former handlers.
    public static func reportTraps() {
        unsafe wippy_traps_report { unsafe RunningEntry.current.get()?.name.text }
    }

    /// Prepares the calling thread, so that a trap is reported even if the thread's stack has overflowed.
    ///
    /// Call it after ``reportTraps()``. Before that, it does nothing.
    public static func prepareThread() {
        wippy_traps_prepare_thread()
    }
}
