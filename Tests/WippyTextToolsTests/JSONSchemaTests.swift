import Testing
import WippyTextTools

@Suite("JSON schemas")
struct JSONSchemaTests {
    private func problem(of data: String, by schema: String, stops: Bool = false) -> String? {
        do {
            try JSONSchema(Array(schema.utf8)).check(Array(data.utf8)) { stops }
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("The problem names the place in the data")
    func places() {
        let schema = #"{"properties": {"names": {"items": {"type": "string", "pattern": "^[a-z]+$"}}}}"#
        #expect(problem(of: #"{"names": ["ann"]}"#, by: schema) == nil)
        #expect(problem(of: #"{"names": ["ann", "Bo"]}"#, by: schema) == "names[1] does not match '^[a-z]+$'")
    }

    @Test("A check that must stop ends with a problem")
    func stops() {
        let list = "[" + Array(repeating: "1", count: 1000).joined(separator: ",") + "]"
        #expect(problem(of: list, by: #"{"items": true}"#, stops: true) == "the check has been stopped")
    }

    @Test("A schema is JSON, and an object or a truth value", arguments: ["[1]", "{", "7"])
    func isChecked(schema: String) {
        #expect(problem(of: "1", by: schema)?.contains("schema") == true)
    }

    @Test(
        "Numbers are equal by their value, at any depth",
        arguments: [
            ("[1, 1.0]", #"{"uniqueItems": true}"#, false), ("[[1], [1.0]]", #"{"uniqueItems": true}"#, false),
            ("[{\"a\": 1}, {\"a\": 1e0}]", #"{"uniqueItems": true}"#, false),
            ("[1, 2.0, 1.5]", #"{"uniqueItems": true}"#, true), ("[1, true, \"1\"]", #"{"uniqueItems": true}"#, true),
            ("[9007199254740992, 9007199254740993]", #"{"uniqueItems": true}"#, true),
            ("[18446744073709551615, 18446744073709551614]", #"{"uniqueItems": true}"#, true),
            ("1.0", #"{"const": 1}"#, true), ("[1.0]", #"{"const": [1]}"#, true),
            ("{\"a\": [2]}", #"{"enum": [3, {"a": [2.0]}]}"#, true), ("[1.5]", #"{"const": [1]}"#, false),
            ("9007199254740993", #"{"const": 9007199254740992}"#, false),
        ])
    func equalNumbers(data: String, schema: String, fits: Bool) {
        #expect((problem(of: data, by: schema) == nil) == fits)
    }

    @Test("A reference is the path of a part of the schema, from its root")
    func references() {
        func refers(_ reference: String) -> String? {
            let parts = #""definitions": {"user": {"type": "string"}, "": {"": {"type": "string"}}}"#
            return problem(of: "[7]", by: #"{"items": {"$ref": "\#(reference)"}, \#(parts)}"#)
        }
        for reference in ["#/definitions/user", "#/definitions//"] {
            #expect(refers(reference) == "[0] must be of type string, got a whole number")
        }
        #expect(refers("#") == nil)
        for reference in ["#user", "#user/definitions/user", "#/definitions/user/", "#/"] {
            #expect(refers(reference) == "$ref '\(reference)' does not name a part of the schema")
        }
    }
}
