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
}
