import WippyValues

/// What the files of `Tests/JSONCases` do not say: the sort of a value, and the sentence of an error.
enum JSONCases {
    /// Texts of each sort of value: a number is whole or a float by its form, whatever it is written as again.
    static let values: [(String, Value)] = [
        ("null", nil), ("true", true), ("false", false),
        ("0", 0), ("-0", 0), ("1", 1), ("-1", -1), ("9007199254740993", 9_007_199_254_740_993),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .unsigned(1 << 63)), ("18446744073709551615", .unsigned(.max)),
        ("-9223372036854775809", -0x1p63), ("18446744073709551616", 0x1p64),
        ("123456789012345678901234567890", 123456789012345678901234567890.0),
        ("0.0", 0.0), ("-0.0", -0.0), ("1.0", 1.0), ("0.1", 0.1), ("1e0", 1.0), ("1E0", 1.0), ("1e+1", 10.0),
        ("1e-1", 0.1), ("0e1", 0.0), ("123.456e78", 123.456e78), ("1e22", 1e22), ("1e23", 1e23), ("8.5e22", 8.5e22),
        ("9007199254740993.0", 9007199254740992.0), ("0.30000000000000004", 0.30000000000000004),
        ("1.7976931348623157e308", .float(.greatestFiniteMagnitude)), ("5e-324", .float(.leastNonzeroMagnitude)),
        ("2.5e-324", .float(.leastNonzeroMagnitude)), ("1e-400", 0.0),
        ("\"\"", ""), ("\"a\"", "a"), ("\"1\"", "1"), ("\"null\"", "null"), ("\"\\u0000\"", "\0"),
        ("\"a longer text that no small string holds\"", "a longer text that no small string holds"),
        ("\"\\uD83D\\uDE00\\n\u{E9}\"", "\u{1F600}\n\u{E9}"),
        ("[]", []), ("[null,1,1.0,\"1\",{}]", [nil, 1, 1.0, "1", [:]]), ("[[[1]],[]]", [[[1]], []]),
        ("{}", [:]), ("{\"b\":1,\"a\":null}", ["a": nil, "b": 1]), ("{\"a\":{\"\":[]}}", ["a": ["": []]]),
        ("{\"\u{E9}\":1,\"e\u{301}\":2}", ["\u{E9}": 1, "e\u{301}": 2]),
    ]

    static let sentences: [(String, String)] = [
        ("", "line 1, column 1: expected a value, got nothing"),
        ("[1,\n 2,\n x]", "line 3, column 2: expected a value"),
        ("{\"a\": 1,\n \"b\" 2}", "line 2, column 6: expected ':' after a key"),
        ("[\"\u{E9}\u{1F600}\" 1]", "line 1, column 7: expected ',' or ']' after an element"),
        ("{\"a\":1 \"b\":2}", "line 1, column 8: expected ',' or '}' after a value"),
        ("{\"a\":1,}", "line 1, column 8: expected a key in double quotes"),
        ("{\"a\":1", "line 1, column 7: the text ends in the middle of a value"),
        ("\"abc", "line 1, column 5: the text ends in the middle of a string"),
        ("1 2", "line 1, column 3: expected nothing more after the value"),
        ("{\"a\":1,\n\"a\":2}", "line 2, column 1: a key appears twice in one map"),
        ("\"\n\"", "line 1, column 2: a control character in a string must be escaped"),
        ("\"\\q\"", "line 1, column 2: a string has an unknown escape"),
        ("\"\\u12\"", "line 1, column 2: '\\u' must be followed by four hexadecimal digits"),
        ("\"\\ud800\"", "line 1, column 2: a string has half of a surrogate pair"),
        ("-", "line 1, column 2: expected a digit"),
        ("01", "line 1, column 1: a number must not begin with a zero before another digit"),
        ("1e400", "line 1, column 1: the number is past the range of a 64-bit float"),
    ]
}
