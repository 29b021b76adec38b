import Wippy

/// A process that publishes a message now and then, and its last ones when it is told to end.
struct LastWord: ProcessHandler {
    struct Config: EntryConfig {
        let last: Int

        init(from fields: inout FieldReader) {
            last = fields.optional("last", default: 10, in: 0...1000, "How many messages it publishes at its end.")
        }
    }

    private let next: Queue
    private let last: Int

    init(_ context: HandlerContext) throws {
        next = try context.queue("next")
        last = try context.config(Config.self).last
    }

    func run(_ process: ProcessContext) async throws -> Int {
        var count = 0
        while (try? await process.sleep(for: .milliseconds(10))) != nil {
            try await next.publish(["id": .string("\(process.id)-\(count)")])
            count += 1
        }
        for number in 0..<last {
            try await next.publish(["id": .string("\(process.id)-last-\(number)")])
        }
        return 0
    }
}
