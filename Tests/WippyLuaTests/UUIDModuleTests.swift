import LuaEngine
import Testing

@testable import WippyLua

struct UUIDModuleTests {
    @Test(arguments: [1, 4, 7]) func anIDIsOfItsVersion(version: Int) async throws {
        let script = """
            local id, err = uuid.v\(version)()
            return #id, (uuid.version(id)), (uuid.variant(id)), err
            """
        #expect(try await results(of: script, .uuid) == [36, .integer(version), "RFC4122", .nil])
    }

    @Test func namesHaveOneID() async throws {
        let script = """
            local dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
            return (uuid.v3(dns, "python.org")), (uuid.v5(dns, "python.org"))
            """
        #expect(
            try await results(of: script, .uuid)
                == ["6fa459ea-ee8a-3ca4-894e-db77e160355e", "886313e1-3b8a-5372-9b90-0c9aee199e5d"])
    }

    @Test func laterIDsOfVersion7AreGreater() async throws {
        let script = """
            local last = ""
            for _ = 1, 10000 do
                local id = uuid.v7()
                if id <= last then return id, last end
                last = id
            end
            return "ordered"
            """
        #expect(try await result(of: script, .uuid) == "ordered")
    }

    @Test(arguments: [
        ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", true), ("6BA7B8109DAD11D180B400C04FD430C8", true),
        ("{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", true), ("urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", true),
        ("6ba7b810-9dad-11d1-80b4-00c04fd430c", false), ("", false), ("6ba7b8109dad11d180b400c04fd430cé", false),
    ])
    func formsOfAnID(text: String, isValid: Bool) async throws {
        #expect(try await results(of: "return uuid.validate('\(text)')", .uuid) == [.bool(isValid), .nil])
    }

    @Test func anIDIsTakenApart() async throws {
        let script = """
            local info = uuid.parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
            local now = uuid.parse((uuid.v7()))
            return info.version, info.variant, info.timestamp, info.node, now.timestamp > 1700000000, now.node
            """
        #expect(
            try await results(of: script, .uuid) == [1, "RFC4122", 886_630_433, "00c04fd430c8", true, .nil])
    }

    @Test func anIDIsWrittenInItsForms() async throws {
        let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
        let script = """
            local id = "{\(id)}"
            return (uuid.format(id)), (uuid.format(id, "simple")), (uuid.format(id, "urn"))
            """
        #expect(
            try await results(of: script, .uuid)
                == [.string(id), "6ba7b8109dad11d180b400c04fd430c8", .string("urn:uuid:\(id)")])
    }

    @Test(arguments: [
        "uuid.v3('x', 'name')", "uuid.v5(nil, 'name')", "uuid.v5('6ba7b810-9dad-11d1-80b4-00c04fd430c8')",
        "uuid.version('x')", "uuid.variant(5)", "uuid.parse({})", "uuid.format('x')",
        "uuid.format('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'other')",
    ])
    func wrongArgumentsAreReturnedAsErrors(expression: String) async throws {
        let kind = try await result(
            of: "local value, err = \(expression) return value == nil and err:kind() .. tostring(err:retryable())",
            .uuid)
        #expect(kind == "Invalidfalse")
    }
}
