import Testing
import WippyLog

@Suite("The allowance of log lines")
struct LineAllowanceTests {
    @Test("Ten lines a second pass; what is left out is said with the next one, or at the end")
    func lines() {
        var allowance = LineAllowance(lines: 10, per: .seconds(1))
        #expect((0..<12).map { _ in allowance.take(at: .seconds(5)) } == Array(repeating: 0, count: 10) + [nil, nil])
        #expect(allowance.take(at: .milliseconds(5_999)) == nil)
        #expect(allowance.take(at: .seconds(6)) == 3)
        #expect((0..<10).map { _ in allowance.take(at: .seconds(6)) }.last == .some(nil))
        #expect(allowance.finish() == 1)
        #expect(allowance.finish() == 0)
    }

    @Test("A period begins with its first line")
    func period() {
        var allowance = LineAllowance(lines: 1, per: .seconds(60))
        #expect([50, 60, 109, 110].map { allowance.take(at: .seconds($0)) } == [0, nil, nil, 2])
    }
}
