import WippyText

/// The error of a ``Value`` that does not fit a Swift type, or of a Swift value that cannot become a ``Value``.
///
/// The errors of ``ValueEncoder`` and ``ValueDecoder`` name fields, keys and types, but never a value.
public struct ValueCodingError: Error, Hashable, CustomStringConvertible {
    /// The path of the field, such as `data.numbers[2]`; empty for the whole value.
    ///
    /// The encoder and the decoder cut a path after about 200 bytes.
    public let path: String
    /// The problem, as the rest of a sentence that begins with the field: `must be a whole number, got a string`.
    public let problem: String

    /// Creates an error about a field.
    ///
    /// - Parameters:
    ///   - path: the path of the field; empty for the whole value.
    ///   - problem: the problem, as the rest of a sentence that begins with the field.
    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    /// The problem as a sentence, such as `'data.numbers[2]' must be a whole number, got a string`.
    public var description: String {
        path.isEmpty ? "the value \(problem)" : "'\(path)' \(problem)"
    }
}

extension ValueCodingError {
    /// Creates an error from an error of the standard library that a type's own code has thrown, without Swift's type
    /// names.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(path: ValueCodingStep.path(context.codingPath + [key]), problem: "is missing")
        case .valueNotFound(_, let context):
            self.init(path: ValueCodingStep.path(context.codingPath), problem: "must not be null")
        case .typeMismatch(_, let context):
            self.init(path: ValueCodingStep.path(context.codingPath), problem: "has another shape than expected")
        case .dataCorrupted(let context):
            self.init(path: ValueCodingStep.path(context.codingPath), problem: "has a value that is not allowed")
        @unknown default:
            self.init(path: "", problem: "has another shape than expected")
        }
    }

    /// Creates an error from an error of the standard library that a type's own code has thrown, without Swift's type
    /// names.
    init(_ error: EncodingError) {
        guard case .invalidValue(_, let context) = error else {
            self.init(path: "", problem: "cannot be encoded: its type refuses it")
            return
        }
        self.init(path: ValueCodingStep.path(context.codingPath), problem: "cannot be encoded: its type refuses it")
    }
}

/// A step of the path from a whole value to a part of it.
enum ValueCodingStep {
    case key(String)
    case index(Int)

    /// The path in the form in which users write it: `data.numbers[2]`.
    static func path(_ keys: [any CodingKey]) -> String {
        var path = ""
        for key in keys {
            if let index = key as? ValueCodingIndex {
                path += "[\(index.index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        // Names can come from the data, such as the keys of a dictionary. A message must stay one line of limited
        // length.
        var visible = ""
        for scalar in path.unicodeScalars {
            guard visible.utf8.count < 200 else { return visible + "…" }
            VisibleText.appendUnquoted(scalar, to: &visible)
        }
        return visible
    }

    var codingKey: any CodingKey {
        switch self {
        case .key(let name): ValueCodingName(stringValue: name)
        case .index(let index): ValueCodingIndex(index: index)
        }
    }
}

/// A key of a map in a coding path.
struct ValueCodingName: CodingKey {
    let stringValue: String
    var intValue: Int? { Int(stringValue) }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init(intValue: Int) {
        stringValue = "\(intValue)"
    }
}

/// An index of a list in a coding path.
struct ValueCodingIndex: CodingKey {
    let index: Int
    var stringValue: String { "\(index)" }
    var intValue: Int? { index }

    init(index: Int) {
        self.index = index
    }

    init?(stringValue: String) {
        return nil
    }

    init(intValue: Int) {
        index = intValue
    }
}
