import Testing

@Suite("The durable example")
struct DurableExampleTests {
    @Test("It is the topology of this repository's application with another driver")
    func topology() throws {
        let application = try Repository.text(of: "src/_index.yaml")
        let driver = "kind: queue.driver.memory"
        #expect(application.split(separator: driver, omittingEmptySubsequences: false).count == 2)
        #expect(
            try Repository.text(of: "examples/durable/src/_index.yaml")
                == application.replacing(driver, with: "kind: queue.driver.sql\n    database: app:db")
                .replacing("$schema=../", with: "$schema=../../../"))
    }
}
