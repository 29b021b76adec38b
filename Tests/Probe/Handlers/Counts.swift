import Synchronization
import Wippy

/// Answers with how often what the other handlers counted has happened, by name.
struct Counts: HTTPHandler {
    private static let counted = Mutex<[String: Int]>([:])

    /// Counts something once more.
    static func add(_ name: String) {
        counted.withLock { $0[name, default: 0] += 1 }
    }

    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let pairs = Self.counted.withLock { $0 }.map { (key: $0, value: Value.integer($1)) }
        return try .json(.map(ValueMap(pairs, onRepeatedKey: .keepLast)))
    }
}

extension HTTPRequest {
    /// A number of the query; 0 if it is not there.
    func number(_ name: String) -> Int {
        query(name).flatMap { Int($0) } ?? 0
    }

    /// Counts something that this request did, under the name that the request gives.
    func count(_ what: String) {
        Counts.add("\(query("name") ?? head.path).\(what)")
    }
}
