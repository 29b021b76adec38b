import Testing
import WippyRuntime
import WippyValues

struct ProcessOutcomeTests {
    @Test("A process has failed if it returned false or a number other than 0, in whatever form the number is")
    func returned() {
        let done: [Value] = [0, .unsigned(0), .float(0), .float(-0.0), nil, true, "", "no", [], [false]]
        for value in done {
            guard case .completed = ProcessOutcome(returned: value) else {
                Issue.record("\(value) is a failure")
                continue
            }
        }
        let failed: [(Value, String)] = [
            (1, "returned 1"), (-1, "returned -1"), (.unsigned(.max), "returned 18446744073709551615"),
            (.float(0.5), "returned 0.5"), (.float(.nan), "returned nan"), (false, "returned false"),
        ]
        for (value, text) in failed {
            guard case .failed(text) = ProcessOutcome(returned: value) else {
                Issue.record("\(value) is no failure that says '\(text)'")
                continue
            }
        }
    }
}
