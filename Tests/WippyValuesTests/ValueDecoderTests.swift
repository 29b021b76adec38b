import Testing
import WippyValues

@Suite("Values become Swift types")
struct ValueDecoderTests {
    struct Task: Codable, Equatable {
        var id: String
        var delay: Double?
        var attempts: Int
        var payload: Value
        var numbers: [Int]?
        var state: State?
        var parent: Parent?
        var small: UInt8?
        var ratio: Float?
        var blob: [UInt8]?
        var isDone: Bool?
    }

    struct Parent: Codable, Equatable {
        var tasks: [Task]
        var names: [String: Int]?
    }

    enum State: String, Codable {
        case waiting
        case running
    }

    static let task: Value = [
        "id": "a", "attempts": 3, "delay": 1, "payload": ["x": [nil, 1.5]], "numbers": [1, 2.0], "state": "running",
        "parent": ["tasks": [["id": "b", "attempts": 0, "payload": nil]], "names": ["one": 1]], "small": 255,
        "ratio": 0.5,
        "blob": .bytes([1, 2]), "unknown": 1, "isDone": nil,
    ]

    @Test("A map becomes a struct; what it does not know is ignored")
    func decoding() throws {
        let task = try ValueDecoder().decode(Task.self, from: Self.task)
        #expect(
            task
                == Task(
                    id: "a", delay: 1, attempts: 3, payload: ["x": [nil, 1.5]], numbers: [1, 2], state: .running,
                    parent: Parent(tasks: [Task(id: "b", attempts: 0, payload: nil)], names: ["one": 1]), small: 255,
                    ratio: 0.5,
                    blob: [1, 2], isDone: nil))
    }

    @Test(
        "An error names the field and what it must be",
        arguments: [
            (["id": nil], "'id' must be a string, got null"),
            (["id": 1], "'id' must be a string, got a whole number"),
            (["attempts": "3"], "'attempts' must be a whole number, got a string"),
            (["attempts": 1.5], "'attempts' must be a whole number, got a number with a fraction"),
            (
                ["attempts": 1e30],
                "'attempts' must be a whole number from -9223372036854775808 through 9223372036854775807"
            ),
            (["attempts": .float(.nan)], "'attempts' must be a whole number, got a number"),
            (["id": 2.0], "'id' must be a string, got a number"),
            (["delay": "x"], "'delay' must be a number, got a string"),
            (["small": 256], "'small' must be a whole number from 0 through 255"),
            (["small": -1], "'small' must be a whole number from 0 through 255"),
            (["ratio": 1e300], "'ratio' must be a number within the range of 32-bit floats"),
            (["isDone": 1], "'isDone' must be true or false, got a whole number"),
            (["numbers": [1, 2, "x"]], "'numbers[2]' must be a whole number, got a string"),
            (["numbers": ["a": 1]], "'numbers' must be a list, got a map"),
            (["state": "sleeping"], "'state' has a value that is not allowed"),
            (["state": []], "'state' must be a string, got a list"),
            (["blob": "not base64"], "'blob' must be bytes as Base64 text"),
            (["blob": true], "'blob' must be bytes, got true or false"),
            (["parent": []], "'parent' must be a map, got a list"),
            (["parent": [:]], "'parent.tasks' is missing"),
            (["parent": ["tasks": [["id": "x", "payload": 1]]]], "'parent.tasks[0].attempts' is missing"),
            (
                ["parent": ["tasks": [], "names": ["a\nb": "x"]]],
                "'parent.names.a\\nb' must be a whole number, got a string"
            ),
        ] as [(Value, String)])
    func errors(_ change: Value, _ description: String) throws {
        var map = try #require(Self.task.map)
        for (key, value) in try #require(change.map) { map[key] = value }
        let error = #expect(throws: ValueCodingError.self) { try ValueDecoder().decode(Task.self, from: .map(map)) }
        #expect(error?.description == description)
    }

    @Test("The whole value is named as such")
    func root() {
        let error = #expect(throws: ValueCodingError.self) { try ValueDecoder().decode(Task.self, from: [1]) }
        #expect(error?.description == "the value must be a map, got a list")
        let list = #expect(throws: ValueCodingError.self) { try ValueDecoder().decode([Int].self, from: [1, nil]) }
        #expect(list?.description == "'[1]' must be a whole number, got null")
        #expect(throws: ValueCodingError.self) { try ValueDecoder().decode(Int.self, from: "1") }
    }

    @Test("Every width of whole number is checked at its edges")
    func integers() throws {
        func check<T: FixedWidthInteger & Codable>(_ type: T.Type) throws {
            for edge in [T.min, T.max] {
                guard let whole = Value(exactly: edge) else { continue }
                #expect(try ValueDecoder().decode(T.self, from: whole) == edge)
                #expect(try ValueDecoder().decode([T].self, from: [whole]) == [edge])
                #expect(try ValueDecoder().decode([String: T].self, from: ["a": whole]) == ["a": edge])
                #expect(try ValueDecoder().decode(Field<T>.self, from: ["number": whole]).number == edge)
                #expect(
                    try ValueDecoder().decode(Field<T>.self, from: JSON.decode(#"{"number":\#(edge)}"#)).number == edge)
                if T.self != UInt8.self { #expect(try ValueEncoder().encode([edge]) == [whole]) }
                #expect(try ValueEncoder().encode(["a": edge]) == ["a": whole])
                #expect(try ValueEncoder().encode(Field(number: edge)) == ["number": whole])
                #expect(try ValueEncoder().encode(edge) == whole)
                #expect(try JSON.encode(whole) == Array("\(edge)".utf8))
            }
            for text in ["\(T.min)".nextLower, "\(T.max)".nextHigher] {
                #expect(throws: ValueCodingError.self, "\(T.self) from \(text)") {
                    try ValueDecoder().decode(Field<T>.self, from: JSON.decode(#"{"number":\#(text)}"#))
                }
            }
            for float in [0x1p53, -0x1p53, 0x1p60, 0x1p63, 0x1p64, 1e30, .infinity, -.infinity, .nan, 0.5] {
                #expect(throws: ValueCodingError.self, "\(T.self) from \(float)") {
                    try ValueDecoder().decode(T.self, from: .float(float))
                }
            }
        }
        try check(Int.self)
        try check(Int8.self)
        try check(Int16.self)
        try check(Int32.self)
        try check(Int64.self)
        try check(UInt.self)
        try check(UInt8.self)
        try check(UInt16.self)
        try check(UInt32.self)
        try check(UInt64.self)
        try check(Int128.self)
        try check(UInt128.self)
        #expect(try ValueDecoder().decode(UInt64.self, from: .float(0x1p53 - 1)) == 1 << 53 - 1)
        #expect(Value.float(0x1p53 - 1).integer == 1 << 53 - 1)
        #expect(Value.float(0x1p53).integer == nil && Value.unsigned(.max).integer == nil)
        for float in [0x1p53, 0x1p53 + 2, -0x1p54, 0x1p54 + 4] {
            #expect(try JSON.decode(JSON.text(of: .float(float))) == .float(float), "written and read again")
        }
        let error = #expect(throws: ValueCodingError.self) {
            try ValueDecoder().decode([UInt64].self, from: JSON.decode("[1, 1e17]"))
        }
        #expect(
            error?.description == "'[1]' must be a whole number, got a float past 2^53, which can stand for "
                + "several whole numbers")
    }

    @Test("A duration, whose parts take all of 64 bits, comes back as it was")
    func durations() throws {
        for duration in [Duration.seconds(10), .nanoseconds(-1), .zero, .seconds(1 << 40)] {
            let value = try ValueEncoder().encode(duration)
            #expect(try ValueDecoder().decode(Duration.self, from: JSON.decode(JSON.encode(value))) == duration)
        }
    }

    @Test("Numbers as keys are whole")
    func numericKeys() throws {
        #expect(try ValueDecoder().decode([Int: Bool].self, from: ["9223372036854775807": true]) == [.max: true])
        #expect(throws: ValueCodingError.self) {
            try ValueDecoder().decode([Int: Bool].self, from: ["9223372036854775808": true])
        }
        let unsigned = try ValueEncoder().encode([UInt64.max: true])
        #expect(try ValueDecoder().decode([UInt64: Bool].self, from: unsigned) == [.max: true])
    }

    @Test("A value decodes to itself, at any depth")
    func values() throws {
        #expect(try ValueDecoder().decode(Value.self, from: Self.task) == Self.task)
        #expect(try ValueDecoder().decode(ValueMap.self, from: Self.task) == Self.task.map)
        #expect(try ValueDecoder().decode([Value].self, from: [nil, 1.0]) == [nil, 1.0])
        #expect(try ValueDecoder().decode([String: Value].self, from: ["a": nil]) == ["a": nil])
        #expect(try ValueDecoder().decode([Value?].self, from: [nil, 1]) == [nil, 1])
        let error = #expect(throws: ValueCodingError.self) { try ValueDecoder().decode([ValueMap].self, from: [1]) }
        #expect(error?.description == "'[0]' must be a map, got a whole number")
    }

    @Test(
        "Bytes are read from bytes, Base64 text and lists",
        arguments: [[], [0], [0, 255], [1, 2, 3], Array(0...255)] as [[UInt8]])
    func bytes(_ bytes: [UInt8]) throws {
        #expect(try ValueDecoder().decode([UInt8].self, from: .bytes(bytes)) == bytes)
        #expect(try ValueDecoder().decode([UInt8].self, from: .list(bytes.map { .integer(Int($0)) })) == bytes)
        #expect(try ValueDecoder().decode([UInt8].self, from: JSON.decode(JSON.encode(.bytes(bytes)))) == bytes)
        #expect(try ValueDecoder().decode([UInt16].self, from: .bytes(bytes)) == bytes.map { UInt16($0) })
    }

    @Test(
        "Base64 text has one form",
        arguments: ["A", "AA", "AAA", "AA=", "A===", "AB==", "AAB=", "AA==AAAA", "A*==", "AA==\n", "_-==", "=AAA"])
    func base64(_ text: String) {
        #expect(throws: ValueCodingError.self) { try ValueDecoder().decode([UInt8].self, from: .string(text)) }
    }
}

private struct Field<Number: Codable>: Codable {
    var number: Number
}

extension String {
    /// The text of the whole number that is one further from zero; of 0, that of -1.
    private var furtherFromZero: String {
        var digits = Array(utf8)
        var index = digits.count - 1
        while index >= 0, digits[index] == UInt8(ascii: "9") {
            digits[index] = UInt8(ascii: "0")
            index -= 1
        }
        digits[index] += 1
        return String(decoding: digits, as: UTF8.self)
    }

    fileprivate var nextHigher: String { furtherFromZero }
    fileprivate var nextLower: String { self == "0" ? "-1" : furtherFromZero }
}
