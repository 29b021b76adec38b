import Testing
import Wippy
import WippyTesting

@testable import own_kind

@Suite("The driver over a folder")
struct FolderDriverTests {
    @Test("It keeps the contract of a queue driver")
    func contract() async throws {
        var options = FolderDriver.Options.standard
        options.maxMessages = 1
        // The driver asks again and again, by a clock that goes on.
        try await QueueDriverConformance(isDurable: true, optionsOfOne: options, clock: SystemClock()) {
            let driver = FolderDriver(path: $1, clock: $0.clock)
            return (driver, driver)
        }.check()
    }
}
