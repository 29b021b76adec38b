package import WippyValues

/// Why a function cannot take the value that it was called with.
///
/// It is the cause of the ``WippyError`` that the call throws. It names fields and types but repeats no content, so you
/// can show it to the client that sent the value.
public struct ArgumentMisfit: Error, CustomStringConvertible {
    /// One sentence: `'data.numbers[2]' must be a whole number, got a string`.
    public let description: String

    /// Creates it from a decoding error.
    ///
    /// It does not repeat the text of an error that the type itself throws.
    public init(_ error: any Error) {
        description = (error as? ValueCodingError)?.description ?? "the value has a content that is not allowed"
    }
}

extension ValueDecoder {
    /// Reads what a caller has handed over.
    ///
    /// - Throws: ``WippyError`` of kind `Invalid`, with an ``ArgumentMisfit`` as its cause, or as the type throws it.
    static func argument<T: Decodable>(_ type: T.Type, from value: Value) throws(WippyError) -> T {
        do {
            return try ValueDecoder().decode(type, from: value)
        } catch let error as WippyError {
            throw error
        } catch {
            let misfit = ArgumentMisfit(error)
            throw WippyError(.invalid, misfit.description, isRetryable: false, cause: misfit)
        }
    }
}

extension ValueEncoder {
    /// Writes a value of the program's own.
    ///
    /// - Throws: ``WippyError`` of a kind, with what the value is to be, or as the type throws it.
    package static func value(
        of value: some Encodable, as role: String, otherwise kind: WippyError.Kind = .invalid
    ) throws(WippyError) -> Value {
        do {
            return try ValueEncoder().encode(value)
        } catch let error as WippyError {
            throw error
        } catch {
            let reason = (error as? ValueCodingError)?.description ?? "\(type(of: error))"
            throw WippyError(kind, "the \(role) cannot be written as data: \(reason)", isRetryable: false, cause: error)
        }
    }
}
