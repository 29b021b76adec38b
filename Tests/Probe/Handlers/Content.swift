import Wippy

/// Answers with `count` bytes that count from 0 to 250 again and again.
///
/// Whole, or in pieces of `piece` bytes with `ms` milliseconds after each: chunked, or with an announced length if
/// `announced` is there. Of an answer in pieces it counts what became of it: begun, finished, failed.
struct Content: HTTPHandler {
    private let clock: any RuntimeClock

    init(_ context: HandlerContext) {
        clock = context.clock
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let count = request.number("count")
        guard request.number("piece") > 0 else {
            return HTTPResponse(status: .ok, body: .bytes(Self.bytes(from: 0, to: count)))
        }
        let length = request.query("announced") == nil ? nil : count
        return HTTPResponse(
            status: .ok, body: .stream(length: length) { try await write(count, for: request, to: &$0) })
    }

    private func write(_ count: Int, for request: HTTPRequest, to writer: inout HTTPBodyWriter) async throws {
        let (piece, pause) = (request.number("piece"), Duration.milliseconds(request.number("ms")))
        request.count("begun")
        do {
            for start in stride(from: 0, to: count, by: piece) {
                try await writer.write(Self.bytes(from: start, to: min(start + piece, count)))
                try await clock.sleep(for: pause)
            }
        } catch {
            request.count("failed")
            throw error
        }
        request.count("finished")
    }

    /// In large parts, since it is done on the loop.
    private static func bytes(from start: Int, to end: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end - start)
        while bytes.count < end - start {
            let first = (start + bytes.count) % 251
            bytes += cycle[first..<min(cycle.count, first + end - start - bytes.count)]
        }
        return bytes
    }

    private static let cycle = [UInt8]((0..<251 * 256).map { UInt8($0 % 251) })
}
