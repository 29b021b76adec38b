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
}
