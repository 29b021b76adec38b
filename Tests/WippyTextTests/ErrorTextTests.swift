import Testing
import WippyText

@Suite("The texts of errors")
struct ErrorTextTests {
    private enum Failure: Error {
        case timeout
        case refused(String)
    }

    private enum DescribedFailure: Error, CustomStringConvertible {
        case timeout

        var description: String { "it took too long" }
    }

    private enum DebuggedFailure: Error, CustomDebugStringConvertible {
        case timeout

        var debugDescription: String { "the password is x" }
    }

    private struct Secret: Error {
        let text: String
    }

    @Test(
        "An error has its description, else its type, and the case if it holds nothing",
        arguments: [
            (Failure.timeout, "Failure.timeout"), (Failure.refused("x"), "Failure"),
            (DescribedFailure.timeout, "it took too long"), (DebuggedFailure.timeout, "DebuggedFailure"),
            (Secret(text: "x"), "Secret"),
        ] as [(any Error, String)])
    func texts(_ error: any Error, _ text: String) { #expect(ErrorText.description(of: error) == text) }
}
