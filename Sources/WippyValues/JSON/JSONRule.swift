/// The rules that a JSON text can break.
///
/// Each has its sentence.
enum JSONRule {
    case empty
    case endInValue
    case noValue
    case noKey
    case noColon
    case noCommaInList
    case noCommaInMap
    case textAfterValue
    case tooDeep
    case tooMany
    case repeatedKey
    case stringNotEnded
    case controlCharacter
    case unknownEscape
    case noHexadecimalDigits
    case halfSurrogatePair
    case notUTF8
    case noDigit
    case leadingZero
    case numberTooLarge

    func sentence(maxNesting: Int) -> String {
        switch self {
        case .empty: "expected a value, got nothing"
        case .endInValue: "the text ends in the middle of a value"
        case .noValue: "expected a value"
        case .noKey: "expected a key in double quotes"
        case .noColon: "expected ':' after a key"
        case .noCommaInList: "expected ',' or ']' after an element"
        case .noCommaInMap: "expected ',' or '}' after a value"
        case .textAfterValue: "expected nothing more after the value"
        case .tooDeep: "lists and maps are nested deeper than \(maxNesting)"
        case .tooMany: "the text holds too many values"
        case .repeatedKey: "a key appears twice in one map"
        case .stringNotEnded: "the text ends in the middle of a string"
        case .controlCharacter: "a control character in a string must be escaped"
        case .unknownEscape: "a string has an unknown escape"
        case .noHexadecimalDigits: "'\\u' must be followed by four hexadecimal digits"
        case .halfSurrogatePair: "a string has half of a surrogate pair"
        case .notUTF8: "the text is not valid UTF-8"
        case .noDigit: "expected a digit"
        case .leadingZero: "a number must not begin with a zero before another digit"
        case .numberTooLarge: "the number is past the range of a 64-bit float"
        }
    }
}
