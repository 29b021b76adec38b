import HTTPServing
import LuaEngine

/// Where the bytes of a stream come from.
///
/// It is asked for one piece at a time.
protocol ByteSource: Sendable {
    /// How many bytes come in all; nil if that is not known.
    var count: Int? { get }

    /// The next piece, never empty; nil at the end.
    func next() async throws -> [UInt8]?
}

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
    /// Why a body cannot be read, as scripts are told.
    convenience init(reading error: HTTPBodyError) {
        switch error.code {
        case .tooLarge: self.init(of: LuaError.invalid("request body too large"))
        default: self.init(of: error)
        }
    }
}
