import Glibc
import Testing
import WippyDefinition

@testable import WippyRuntime

/// The numbers by which the report of a stalled event loop names entries.
@Suite("Numbers of running entries")
struct RunningEntryNumberTests {
    @Test("A number that no running entry has names no entry")
    func unknown() {
        #expect(RunningEntry.id(ofNumber: 0) == nil && RunningEntry.id(ofNumber: .max) == nil)
    }

    @Test("A running entry is found by its number for as long as it exists, and is then forgotten")
    func forgotten() {
        func number(of id: EntryID) -> UInt {
            let running = RunningEntry(id)
            let copy = running
            #expect(copy.number == running.number && copy.description == id.description)
            #expect(RunningEntry.id(ofNumber: running.number) == id)
            return running.number
        }
        let id = EntryID(namespace: "numbers", name: "gone")
        let (first, second) = (number(of: id), number(of: id))
        #expect(first != second)
        #expect(RunningEntry.id(ofNumber: first) == nil && RunningEntry.id(ofNumber: second) == nil)
    }

    @Test("A trap ends the process after one report, however often reports were asked for", .timeLimit(.minutes(15)))
    func reportsOnce() async {
        let result = await #expect(processExitsWith: .signal(SIGFPE), observing: [\.standardErrorContent]) {
            for _ in 1...2 { RunningEntry.reportTraps() }
            // A report that never ends would keep the process for ever.
            alarm(60)
            raise(SIGFPE)
        }
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("Error: SIGFPE outside of every entry's code; the process ends\n"))
    }
}
