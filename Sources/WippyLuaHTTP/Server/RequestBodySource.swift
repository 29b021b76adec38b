import HTTPServing
import LuaEngine
import WippyLua

/// The body of a request.
///
/// `@unchecked Sendable`: a stream asks for one piece at a time.
final class RequestBodySource: ByteSource, @unchecked Sendable {
    let count: Int?
    private var pieces: HTTPBody.Iterator

    init(_ body: HTTPBody, count: Int?) {
        self.count = count
        pieces = body.makeAsyncIterator()
    }

    func next() async throws -> [UInt8]? {
        do throws(HTTPBodyError) {
            return try await pieces.next()
        } catch {
            throw LuaError(reading: error)
        }
    }
}

extension LuaError {
    /// Converts an error of reading a body for scripts.
    convenience init(reading error: HTTPBodyError) {
        switch error.code {
        case .tooLarge: self.init(copying: .invalid("request body too large"), cause: error)
        default: self.init(of: error)
        }
    }
}
