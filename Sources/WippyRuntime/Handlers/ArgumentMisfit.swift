package import WippyValues

/// An error in the value with which a function was called.
///
/// It names fields and types, but no contents, so you can show it to the client that sent the value.
public struct ArgumentMisfit: Error, CustomStringConvertible {
    /// One sentence, such as `'data.numbers[2]' must be a whole number, got a string`.
    public let description: String

    /// Creates the error from a decoding error.
    ///
    /// If the decoded type itself has thrown the error, the error's text is left out.
    public init(_ error: any Error) {
        description = (error as? ValueCodingError)?.description ?? "the value is not allowed"
    }
}

extension ValueDecoder {
    /// Decodes the value that a caller has passed.
    ///
    /// - Throws: ``WippyError`` of kind `Invalid`, with an ``ArgumentMisfit`` as its cause; or the ``WippyError`` that
    ///   the type itself has thrown.
    package static func argument<T: Decodable>(_ type: T.Type, from value: Value) throws(WippyError) -> T {
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
    /// Encodes a value of the program itself.
    ///
    /// - Throws: ``WippyError`` of the given kind, with a message that names the role of the value; or the
    ///   ``WippyError`` that the type itself has thrown.
    package static func value(
        of value: some Encodable, as role: String, otherwise kind: WippyError.Kind = .invalid
    ) throws(WippyError) -> Value {
        do {
            return try ValueEncoder().encode(value)
        } catch let error as WippyError {
            throw error
        } catch {
            let reason = (error as? ValueCodingError)?.description ?? "\(type(of: error))"
            throw WippyError(kind, "the \(role) cannot be encoded: \(reason)", isRetryable: false, cause: error)
        }
    }
}
