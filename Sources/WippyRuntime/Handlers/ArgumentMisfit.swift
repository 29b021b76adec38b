public import WippyValues

/// An error in the value with which a function was called.
///
/// You can show it to the client that sent the value. The texts of the decoder name fields, keys and types, but no
/// contents.
public struct ArgumentMisfit: Error, CustomStringConvertible {
    /// One sentence, such as `'data.numbers[2]' must be a whole number, got a string`.
    public let description: String

    /// Creates the error from a decoding error.
    ///
    /// If it is not a `ValueCodingError`, its text is left out, because the text may have contents of the value.
    public init(_ error: any Error) {
        description = (error as? ValueCodingError)?.description ?? "the value is not allowed"
    }
}

extension ValueDecoder {
    /// Decodes the value that a caller has passed, such as the argument of a function or the arguments of a request.
    ///
    /// - Throws: ``WippyError`` of kind `Invalid`, with an ``ArgumentMisfit`` as its cause; or the ``WippyError`` that
    ///   the type itself has thrown.
    public static func argument<T: Decodable>(_ type: T.Type, from value: Value) throws(WippyError) -> T {
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
    /// Encodes a value of the program itself, such as the result of a function.
    ///
    /// - Parameters:
    ///   - value: the value to encode.
    ///   - role: the words for the value in an error, such as `function's answer`.
    ///   - kind: the kind of the error. Default: `Invalid`.
    /// - Throws: ``WippyError`` of this kind, not retryable, with a message that names the role of the value; or the
    ///   ``WippyError`` that the type itself has thrown.
    public static func value(
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
