import Testing

@testable import WippyRuntime

struct FailureReasonTests {
    private struct Refused: Error, CustomStringConvertible {
        var description: String { "the table is locked" }
    }

    private struct Secretive: Error {
        let password = "hunter2"
    }

    private enum Plain: Error {
        case tooLate
        case with(secret: String)
    }

    @Test("It is a description, and never what an error merely holds")
    func descriptions() {
        #expect(FailureReason.text(of: Refused()) == "the table is locked")
        #expect(FailureReason.text(of: Secretive()) == "Secretive")
        #expect(FailureReason.text(of: Plain.tooLate) == "Plain.tooLate")
        #expect(FailureReason.text(of: Plain.with(secret: "hunter2")) == "Plain")
        let long = WippyError(.internal, String(repeating: "x", count: 10_000))
        #expect(FailureReason.text(of: long).count == FailureReason.maxLength)
        #expect(ServiceFailure(reading: Secretive()).message == "Secretive")
    }

    @Test("A cause that says more is told, too")
    func causes() {
        let inner = WippyError(.unavailable, "no host answers", cause: Plain.tooLate)
        let outer = WippyError(.unavailable, "no mail can be sent", isRetryable: false, cause: inner)
        #expect(FailureReason.text(of: outer) == "no mail can be sent: no host answers: Plain.tooLate")
        let repeated = WippyError(.unavailable, "not now: the table is locked", cause: Refused())
        #expect(FailureReason.text(of: repeated) == "not now: the table is locked")
        let shorter = WippyError(.unavailable, "the table", cause: Refused())
        #expect(FailureReason.text(of: shorter) == "the table is locked")
        #expect(ServiceFailure(reading: outer) == ServiceFailure(FailureReason.text(of: outer), isPermanent: true))
    }
}
