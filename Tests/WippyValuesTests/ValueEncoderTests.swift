import Foundation
import Testing
import WippyValues

@Suite("Swift types become values")
struct ValueEncoderTests {
    @Test("A struct becomes a map that decodes to the same struct")
    func roundTrip() throws {
        let task = try ValueDecoder().decode(ValueDecoderTests.Task.self, from: ValueDecoderTests.task)
        let value = try ValueEncoder().encode(task)
        #expect(
            value == [
                "id": "a", "attempts": 3, "delay": 1.0, "payload": ["x": [nil, 1.5]], "numbers": [1, 2],
                "state": "running",
                "parent": ["tasks": [["id": "b", "attempts": 0, "payload": nil]], "names": ["one": 1]], "small": 255,
                "ratio": 0.5, "blob": .bytes([1, 2]),
            ])
        #expect(try ValueDecoder().decode(ValueDecoderTests.Task.self, from: value) == task)
    }

    @Test("Scalars, lists and dictionaries need no struct")
    func plain() throws {
        #expect(try ValueEncoder().encode(true) == true)
        #expect(try ValueEncoder().encode("x") == "x")
        #expect(try ValueEncoder().encode(1.5) == 1.5)
        #expect(try ValueEncoder().encode(Float(0.5)) == 0.5)
        #expect(try ValueEncoder().encode([1: "a", 10: "b"]) == ["1": "a", "10": "b"])
        #expect(try ValueDecoder().decode([Int: String].self, from: ["1": "a", "10": "b"]) == [1: "a", 10: "b"])
        #expect(try ValueEncoder().encode([Int?.none, 1]) == [nil, 1])
        #expect(try ValueEncoder().encode([true, false]) == [true, false])
        #expect(try ValueEncoder().encode(Int?.none) == nil)
        #expect(try ValueEncoder().encode([Double.infinity, -0.0] as [Double]) == [.float(.infinity), -0.0])
    }

    @Test("A whole number past 64 bits is an error at its field")
    func tooLarge() {
        for number in [UInt128(UInt64.max) + 1, .max] {
            let error = #expect(throws: ValueCodingError.self) { try ValueEncoder().encode(["a": [1, number]]) }
            #expect(
                error?.description
                    == "'a[1]' must be a whole number from -9223372036854775808 through 18446744073709551615")
        }
        #expect(throws: ValueCodingError.self) { try ValueEncoder().encode(Int128(Int.min) - 1) }
    }

    @Test("Containers that are filled later keep their places")
    func nested() throws {
        struct Nested: Encodable {
            enum Keys: String, CodingKey {
                case first
                case second
                case third
                case fourth
            }

            func encode(to encoder: any Encoder) throws {
                var outer = encoder.container(keyedBy: Keys.self)
                var second = outer.nestedUnkeyedContainer(forKey: .second)
                var first = outer.nestedContainer(keyedBy: Keys.self, forKey: .first)
                try first.encodeNil(forKey: .third)
                try second.encode(1)
                var inner = second.nestedContainer(keyedBy: Keys.self)
                var innerList = second.nestedUnkeyedContainer()
                try second.encode(4)
                try innerList.encodeNil()
                try inner.encode("x", forKey: .first)
                try "super".encode(to: outer.superEncoder())
                try "third".encode(to: outer.superEncoder(forKey: .third))
                try outer.encode(1, forKey: .fourth)
                try outer.encode(2, forKey: .fourth)
                #expect(inner.codingPath.map(\.stringValue) == ["second", "1"])
            }
        }
        #expect(
            try ValueEncoder().encode(Nested()) == [
                "first": ["third": nil], "second": [1, ["first": "x"], [nil], 4], "super": "super", "third": "third",
                "fourth": 2,
            ])
    }

    @Test("Parts that were handed out are let go, whether encoding succeeds or not", arguments: [false, true])
    func released(_ fails: Bool) throws {
        final class Information: Sendable {}
        struct Failure: Error {}
        struct Outer: Encodable {
            var fails: Bool

            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                var inner = list.nestedUnkeyedContainer()
                var innermost = inner.nestedUnkeyedContainer()
                try innermost.encode(1)
                if fails { throw Failure() }
            }
        }
        let key = try #require(CodingUserInfoKey(rawValue: "information"))
        weak var information: Information?
        func encode() throws {
            let kept = Information()
            information = kept
            var encoder = ValueEncoder()
            encoder.userInfo[key] = kept
            if fails {
                #expect(throws: Failure.self) { try encoder.encode([Outer(fails: true)]) }
            } else {
                #expect(try encoder.encode([Outer(fails: false)]) == [[[[1]]]])
            }
        }
        try encode()
        #expect(information == nil)
    }

    @Test("Classes write their ancestors' part and read it back")
    func inheritance() throws {
        class Animal: Codable {
            var legs = 4
            var weights: [Int8] = []
        }
        final class Dog: Animal {
            var name: String
            enum Keys: String, CodingKey { case name }

            init(name: String) {
                self.name = name
                super.init()
                weights = [1, -1]
            }

            required init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                name = try container.decode(String.self, forKey: .name)
                try super.init(from: container.superDecoder())
            }

            override func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                try container.encode(name, forKey: .name)
                try super.encode(to: container.superEncoder())
            }
        }
        let value = try ValueEncoder().encode(Dog(name: "Rex"))
        #expect(value == ["name": "Rex", "super": ["legs": 4, "weights": [1, -1]]])
        #expect(try ValueDecoder().decode(Dog.self, from: value).weights == [1, -1])
    }

    @Test("A value goes through another coder and back")
    func foreign() throws {
        let value: Value = ["a": [nil, true, 1, 2.5, "x", [:], []], "b": .integer(.max)]
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(Value.self, from: data) == value)
        #expect(try JSON.decode(Array(data)) == value)
        let map = try JSONDecoder().decode(ValueMap.self, from: data)
        #expect(Value.map(map) == value)
        #expect(String(decoding: try JSONEncoder().encode([Value.bytes([1])]), as: UTF8.self) == "[\"AQ==\"]")
    }

    @Test("Types of Foundation and of the standard library survive")
    func libraryTypes() throws {
        struct Record: Codable, Equatable {
            var id: UUID
            var at: Date
            var wait: Duration
            var page: URL
            var data: Data
            var range: Range<Int>
            var set: Set<String>
        }
        let record = Record(
            id: UUID(), at: Date(timeIntervalSince1970: 1.5), wait: .milliseconds(5),
            page: try #require(URL(string: "http://a/b")),
            data: Data([1, 2]), range: 1..<3, set: ["x"])
        let value = try ValueEncoder().encode(record)
        #expect(try ValueDecoder().decode(Record.self, from: JSON.decode(JSON.encode(value))) == record)
    }
}
