import LuaEngine
import Testing

@testable import WippyLua

struct JSONModuleTests {
    @Test(arguments: [
        ("nil", "null"), ("", "null"), ("true", "true"), ("42", "42"), ("3.0", "3"), ("3.14", "3.14"), ("{}", "[]"),
        ("{1, 2, 3}", "[1,2,3]"), ("{b = 1, a = {}}", #"{"a":[],"b":1}"#), ("json.decode('{}')", "{}"),
        ("json.decode('9007199254740993')", "9007199254740993"), ("0/0", "null"), ("'<é>'", #""<é>""#),
        ("errors.new('x')", #""x""#), ("{print}", "[null]"), ("{[true] = 1}", #"{"true":1}"#),
    ])
    func aValueIsWritten(value: String, text: String) async throws {
        #expect(try await results(of: "return json.encode(\(value))", .json) == [.string(text), .nil])
    }

    @Test(arguments: ["{[1] = 1, [3] = 3}", "{1, a = 2}", "loop"]) func whatIsNoJSONIsInternal(
        value: String
    ) async throws {
        let script =
            "local loop = {} loop[1] = loop local text, err = json.encode(\(value)) return text, err:kind(), err:retryable()"
        #expect(try await results(of: script, .json) == [.nil, "Internal", false])
    }

    @Test(arguments: [
        ("null", LuaValue.nil), ("1", 1), ("1.0", 1.0), ("[1,2]", .array([1, 2])), (#""\u00e9""#, "é"),
        ("-9223372036854775808", .integer(.min)),
    ])
    func aTextIsRead(text: String, value: LuaValue) async throws {
        #expect(try await results(of: "return json.decode([==[\(text)]==])", .json) == [value, .nil])
    }

    @Test func whatIsNoTextIsInvalid() async throws {
        for expression in ["json.decode('')", "json.decode(5)", "json.decode()"] {
            #expect(
                try await error(of: expression, .json) == "Invalid: the JSON must be a string that is not empty")
        }
        #expect(
            try await error(of: "json.decode('[1] 2')", .json) == "Internal: unexpected text after the value at byte 4")
    }

    /// The third column is what is wrong; nothing where the data fits.
    @Test(
        arguments: [
            (#"{"type": "object", "required": ["a"]}"#, #"{"a": 1}"#, nil),
            (#"{"type": "object", "required": ["a"]}"#, "{}", "the value lacks 'a'"),
            (
                #"{"properties": {"a": {"type": "string"}}}"#, #"{"a": 1}"#,
                "a must be of type string, got a whole number"
            ),
            (#"{"type": ["integer", "null"]}"#, "1.0", nil),
            (#"{"type": "integer"}"#, "1.5", "the value must be of type integer, got a number with a fraction"),
            (#"{"minimum": 2, "maximum": 3}"#, "1", "the value must be at least 2.0"),
            (#"{"exclusiveMinimum": 2}"#, "2", "the value must be greater than 2.0"),
            (#"{"minimum": 2, "exclusiveMinimum": true}"#, "2", "the value must be greater than 2.0"),
            (#"{"multipleOf": 0.1}"#, "0.3", nil),
            (#"{"minLength": 2}"#, #""é""#, "the value must have at least 2 characters"),
            (#"{"pattern": "^a+$"}"#, #""aab""#, "the value does not match '^a+$'"),
            (#"{"items": {"type": "number"}, "minItems": 1}"#, "[]", "the value must have at least 1 elements"),
            (#"{"items": {"type": "number"}}"#, #"[1, "x"]"#, "[1] must be of type number, got a string"),
            (#"{"items": [{"type": "number"}], "additionalItems": false}"#, "[1, 2]", "[1] is not allowed"),
            (#"{"uniqueItems": true}"#, "[1, 2, 1]", "the value must not have equal elements"),
            (#"{"contains": {"const": 3}}"#, "[1, 3.0]", nil),
            (#"{"additionalProperties": false, "properties": {"a": true}}"#, #"{"b": 1}"#, "b is not allowed"),
            (
                #"{"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": false}"#, #"{"x1": "y"}"#,
                nil
            ),
            (#"{"propertyNames": {"maxLength": 1}}"#, #"{"ab": 1}"#, "the key 'ab' must have at most 1 characters"),
            (#"{"dependentRequired": {"a": ["b"]}}"#, #"{"a": 1}"#, "the value has 'a', but lacks 'b'"),
            (#"{"enum": [1, "a"]}"#, #""b""#, "the value is not one of the allowed values"),
            (#"{"anyOf": [{"type": "string"}, {"minimum": 5}]}"#, "4", "the value must fit a schema of 'anyOf'"),
            (
                #"{"oneOf": [{"minimum": 1}, {"minimum": 2}]}"#, "3",
                "the value must fit one schema of 'oneOf', but fits 2"
            ),
            (#"{"not": {"type": "null"}}"#, "null", "the value must not fit the schema of 'not'"),
            (
                #"{"if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"maximum": 5}}"#, "15",
                "the value must be a multiple of 10.0"
            ),
            (
                ##"{"$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}, "required": ["v"]}}, "$ref": "#/$defs/node"}"##,
                #"{"v": 1, "next": {"w": 2}}"#, "next lacks 'v'"
            ),
            (##"{"$ref": "#"}"##, "1", "the schema is too complex for the data"),
            (##"{"$ref": "#/nowhere"}"##, "1", "$ref '#/nowhere' does not name a part of the schema"),
            (#"{"pattern": "("}"#, #""x""#, "the pattern '(' is not a regular expression: missing closing )"),
            ("7", "1", "the schema must be an object, true or false"),
        ] as [(String, String, String?)])
    func dataFitsItsSchemaOrTheFaultIsNamed(schema: String, data: String, problem: String?) async throws {
        let script =
            "local ok, err = json.validate_string([==[\(schema)]==], [==[\(data)]==]) return ok, err and err:message()"
        #expect(try await results(of: script, .json) == [.bool(problem == nil), problem.map { .string($0) } ?? .nil])
    }

    @Test func tablesAreDataAndSchemas() async throws {
        let script = """
            local schema = {type = "object", properties = {tags = {type = "array"}, more = {}}}
            local ok, err = json.validate(schema, {tags = {}, more = {}})
            local bad, reason = json.validate(schema, nil)
            return ok, err, bad, reason:kind(), reason:message(), (json.validate(nil, {})), (json.validate({}, {}))
            """
        #expect(
            try await results(of: script, .json)
                == [true, .nil, false, "Invalid", "data is required", false, true])
    }
}
