import Testing
import WippyValues

@testable import WippyCommandLine

@Suite("The exit status of a process")
struct ExitStatusTests {
    @Test(
        "A number is the status by its last byte, but a failure is never 0; 'false' is 1, and every other value is 0",
        arguments: [
            (0, 0), (255, 255), (256, 1), (257, 1), (258, 2), (-1, 255), (0.5, 1), (-0.0, 0), (.unsigned(.max), 255),
            (3.9, 3), (.float(1e300), 1),
            (false, 1), (true, 0), (.null, 0), ("7", 0),
        ] as [(Value, Int32)])
    func status(of value: Value, is expected: Int32) { #expect(value.exitStatus == expected) }
}
