import Testing
import Wippy
import WippyTesting

@testable import own_kind

@Suite("The middleware 'stamp'")
struct StampTests {
    @Test("It keeps the contract of a middleware")
    func contract() async throws {
        try await MiddlewareConformance(Stamp.self).check()
    }

    @Test("It sets the header, and counts the answers that have it", arguments: [true, false])
    func counts(errors: Bool) async throws {
        let metrics = Metrics()
        let stamp = try Stamp(
            .standIn(options: ["stamp.text": "signed", "stamp.errors": .bool(errors)]), with: .standIn(metrics: metrics)
        )
        for (status, isStamped) in [(HTTPStatus.ok, true), (.notFound, errors)] {
            var response = HTTPResponse(status: status)
            stamp.complete(&response, to: try .get("/"))
            #expect(response.fields["X-Stamp"] == (isStamped ? "signed" : nil))
        }
        let counter = metrics.counter(Stamp.stamped, of: EntryID(namespace: "app", name: "router"))
        #expect(counter.value == (errors ? 2 : 1))
    }
}
