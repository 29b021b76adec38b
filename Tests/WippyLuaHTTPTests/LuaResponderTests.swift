import Testing
import Wippy
import WippyTesting

/// Requests that functions in Lua answer, over sockets.
@Suite("Lua functions that answer requests")
struct LuaResponderTests {
    /// An application with an endpoint for each of some functions: their names, and their scripts.
    static func endpoints(_ functions: KeyValuePairs<String, String>) -> String {
        functions.reduce(into: httpService) { text, function in
            text += """

                  - name: \(function.key)
                    kind: function.lua
                    method: handler
                    modules: [http, http_client, logger, queue, stream, time]
                    source: |
                          \(function.value.replacing("\n", with: "\n          "))
                  - name: \(function.key).endpoint
                    kind: http.endpoint
                    meta: {router: router}
                    method: POST
                    path: "/\(function.key)/{id}"
                    func: \(function.key)
                """
        }
    }

    private static let httpService = """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: server}}
        """

    @Test("A request reaches its script, and the script's answer the client")
    func answersRequests() async throws {
        let project = Self.endpoints([
            "echo": """
            local http = require("http")
            return {handler = function()
                local req, res = http.request(), http.response()
                local body, err = req:body_json()
                if err then
                    res:set_status(http.STATUS.BAD_REQUEST)
                    res:write_json({error = "invalid JSON"})
                    return
                end
                res:set_status(http.STATUS.ACCEPTED)
                res:set_header("X-Kind", req:method() .. " " .. req:path())
                res:write_json({body = body, id = req:param("id"), q = req:query("q"), none = req:query("none")})
            end}
            """,
            "silent": "return {handler = function() end}",
            "fails": "return {handler = function() return nil, 'no luck' end}",
            "raises": "return {handler = function() local x = nil; return x.y end}",
            "empty": "return {handler = function() return true end}",
        ])
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let answer = try await app.post("/echo/7%20a?q=1&q=2", json: ["b": 1, "big": 9_007_199_254_740_993])
            #expect(answer.status == 202)
            #expect(answer.text == #"{"body":{"b":1,"big":9007199254740993},"id":"7 a","q":"1"}"#)
            #expect(answer.fields["X-Kind"] == "POST /echo/7 a")
            #expect(answer.fields[.contentType] == "application/json")
            let refused = try await app.send(.post, "/echo/1", body: Array("{".utf8))
            #expect(refused.status == 400 && refused.text == #"{"error":"invalid JSON"}"#)
            for name in ["silent", "fails", "raises"] {
                let failed = try await app.post("/\(name)/1", json: nil)
                #expect(failed.status == 500, "\(name)")
                #expect(failed.text.hasPrefix(#"{"error":"internal error""#), "\(name)")
            }
            let empty = try await app.post("/empty/1", json: nil)
            #expect(empty.status == 200 && empty.text.isEmpty)
            let lines = app.log.records.map { "\($0.message) \($0.metadata)" }
            #expect(lines.contains { $0.contains("no luck") })
            #expect(lines.contains { $0.contains("app:raises:1: attempt to index") })
        }
    }

    @Test("A program without this library has no module http, and its functions in Lua answer no requests")
    func isAbsent() throws {
        let folder = try TemporaryFolder()
        func problems(_ modules: String) throws -> [String] {
            let function = """

                  - {name: f, kind: function.lua, source: "return function() end", modules: [\(modules)]}
                  - {name: e, kind: http.endpoint, meta: {router: router}, method: GET, path: /f, func: f}
                """
            try folder.write(Self.httpService + function, to: "src/_index.yaml")
            let application = Application(
                project: folder.path, handlers: [],
                kinds: HTTPKinds.all + LuaKinds.all + [AbsentScriptModules.aboutFamilies])
            return application.check().report.diagnostics.map(\.message)
        }
        func modules(of parts: [any ProgramPart]) -> Set<ExactText> {
            Set(parts.compactMap { ($0 as? ScriptModule)?.name })
        }
        let absent = modules(of: .standard).subtracting(modules(of: LuaKinds.all)).sorted().map(\.string)
        #expect(absent.contains("http"))
        let withModules = try problems(absent.joined(separator: ", "))
        #expect(
            withModules
                == absent.enumerated().map { index, name in
                    "'modules[\(index)]' names '\(name)', a module of wippy that this program does not have"
                })
        let withoutModules = try problems("json")
        #expect(
            withoutModules == [
                "'func' names 'app:f' of the kind function.lua (src/_index.yaml:5:21), which is not a function that "
                    + "answers HTTP requests"
            ])
    }

    @Test("A module of the program reads the request, and sends a part of the answer before the script has ended")
    func modulesAnswer() async throws {
        let module = ScriptModule(
            "greeting",
            [
                .function("send", traits: [.sendsParts]) { stack in
                    let call = try stack.call
                    guard let exchange = call.exchange else { return stack.fail(.notFound("there is no request")) }
                    let text = Array("Hello, \(exchange.request.parameter("id") ?? "")!\n".utf8)
                    do throws(LuaError) {
                        try exchange.set(.created)
                        try exchange.set("X-Kind", "greeting")
                        try exchange.write(text, atMost: call.maxResultBytes)
                    } catch {
                        return stack.fail(error)
                    }
                    return .wait {
                        try await exchange.flush()
                    } then: { stack, result in
                        stack.push(result) { stack.push(true) }
                    }
                }
            ], isListed: false)
        let project = Self.endpoints([
            "greet": """
            return {handler = function()
                require("greeting").send()
                local _, err = require("greeting").send()
                require("http").response():write(err:message())
            end}
            """
        ])
        try await TestApplication(
            project: .definitions(project), handlers: [], kinds: .standard + [module]
        ) { app in
            let answer = try await app.send(.post, "/greet/Ann")
            #expect(answer.status == 201 && answer.fields["X-Kind"] == "greeting")
            #expect(answer.fields[.contentLength] == nil)
            #expect(answer.text == "Hello, Ann!\ncannot set the status after the headers are sent")
        }
    }
}
