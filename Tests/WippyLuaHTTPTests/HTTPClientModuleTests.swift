import Testing
import Wippy
import WippyTesting

/// What the module `http_client` asks of a server and gets from it, over sockets.
@Suite("The Lua module http_client")
struct HTTPClientModuleTests {
    /// What a script gives that makes requests of the endpoints of its own application, which are at `base`.
    private func answer(
        of script: String, overrides: KeyValuePairs<String, String> = [:],
        during body: (TestApplication) async throws -> Void = { _ in }
    ) async throws -> String {
        let project = LuaResponderTests.endpoints([
            "call": """
            local http, client = require("http"), require("http_client")
            return {handler = function()
                local req, res = http.request(), http.response()
                local base = "http://" .. req:host()
                res:write_json((function()
            \(script)
                end)())
            end}
            """,
            "echo": """
            local http = require("http")
            return {handler = function()
                local req, res = http.request(), http.response()
                res:set_header("x-kind", "echo")
                res:set_header("Set-Cookie", "sid=1=2; Path=/")
                res:set_status(201)
                res:write_json({
                    method = req:method(), q = req:query("q"), cookie = req:header("Cookie"),
                    auth = req:header("Authorization"), a = req:header("X-A"), type = req:content_type(),
                    body = req:body(),
                })
            end}
            """,
            "form": """
            local http = require("http")
            return {handler = function()
                local form, err = http.request():parse_multipart()
                local file = form.files["d\\"oc"][1]
                http.response():write_json({form.values.a, file:name(), file:header("Content-Type"),
                    file:stream():read()})
            end}
            """,
            "on": """
            local http = require("http")
            return {handler = function()
                local req, res = http.request(), http.response()
                res:set_header("Location", req:param("id") == "end" and "/echo/1?q=2" or "/on/" .. req:param("id"))
                res:set_status(307)
            end}
            """,
            "long": """
            local http = require("http")
            return {handler = function()
                local res = http.response()
                res:set_transfer("chunked")
                for i = 1, 200 do res:write(string.rep("x", 1000)) end
            end}
            """,
            "sized": """
            local http = require("http")
            return {handler = function()
                http.response():write(string.rep("x", tonumber(http.request():param("id"))))
            end}
            """,
            "slow": """
            return {handler = function() require("time").sleep("1h") end}
            """,
        ])
        var text = ""
        try await TestApplication(project: .definitions(project), handlers: [], overrides: overrides) { app in
            let call = Task { try await app.post("/call/1", json: nil) }
            try await body(app)
            text = try await call.value.text
        }
        return text
    }

    @Test("A request has a query, fields, cookies, a user and a body; the answer a status, fields, cookies and a body")
    func asks() async throws {
        let text = try await answer(
            of: """
                local resp, err = client.post(base .. "/echo/1", {
                    query = {q = "a b&c"}, headers = {["X-A"] = 7}, cookies = {sid = "x"},
                    auth = {user = "u", pass = "p"}, body = "hi"})
                return {tostring(err), resp.status_code, resp.headers["X-Kind"], resp.cookies.sid, resp.body, resp.body_size,
                    resp.url == base .. "/echo/1?q=a+b%26c"}
                """)
        #expect(
            text == """
                ["nil",201,"echo","1=2","{\\"a\\":\\"7\\",\\"auth\\":\\"Basic dTpw\\",\\"body\\":\\"hi\\",\
                \\"cookie\\":\\"sid=x\\",\\"method\\":\\"POST\\",\\"q\\":\\"a b&c\\"}",86,true]
                """)
    }

    @Test("Forms are sent as browsers send them, with files or without")
    func sendsForms() async throws {
        let plain = try await answer(
            of: "return client.post(base .. '/echo/1', {form = {b = 'é', a = '1 2'}}).body")
        #expect(plain.contains(#"a=1+2&b=%C3%A9"#) && plain.contains("application/x-www-form-urlencoded"))
        let files = try await answer(
            of: """
                local file = {name = 'd"oc', filename = "f.txt", content = "bytes"}
                file.content_type = 'text/plain; charset="utf-8"'
                return client.post(base .. "/form/1", {form = {a = "1"}, files = {file}}).body
                """)
        #expect(files == #""[\"1\",\"f.txt\",\"text/plain; charset=\\\"utf-8\\\"\",\"bytes\"]""#)
        let misspelt = try await answer(
            of: """
                local _, err = client.post(base .. "/form/1", {files = {{name = "a", content = "b", filname = "c"}}})
                return err:message()
                """)
        #expect(misspelt == #""unknown field 'filname'; did you mean 'filename'?""#)
    }

    @Test("Redirections are followed, ten at most")
    func follows() async throws {
        let text = try await answer(
            of: """
                local resp = client.post(base .. "/on/end", {body = "kept"})
                local _, err = client.post(base .. "/on/1")
                return {resp.status_code, resp.url == base .. "/echo/1?q=2", resp.body:find("kept") ~= nil, err:kind()}
                """)
        #expect(text == #"[201,true,true,"Internal"]"#)
    }

    @Test("A long answer is read piece by piece, or is bounded")
    func reads() async throws {
        let text = try await answer(
            of: """
                local resp = client.post(base .. "/long/1", {stream = true})
                local count, first = 0, resp.stream:read(3)
                for piece in function() return resp.stream:read(60000) end do count = count + #piece end
                local _, err = client.post(base .. "/long/1", {max_response_body = 199999})
                local left = client.post(base .. "/long/1", {stream = {buffer_size = 4096}})
                return {resp.body_size, first, count, err:message(), left.status_code, left.body_size}
                """)
        #expect(
            text == #"[-1,"xxx",199997,"the answer is longer than 199999 bytes ('max_response_body')",200,-1]"#)
    }

    @Test("What cannot be asked, and what cannot be reached, are errors that say so")
    func fails() async throws {
        let text = try await answer(
            of: """
                local out = {}
                for i, case in ipairs({{"https://a/"}, {"nowhere"}, {base, {timeout = "soon"}}, {base, {tls = {}}},
                    {base, {headers = {["a b"] = "c"}}}, {base, {files = "a.txt"}}, {"http://127.0.0.1:1/"}}) do
                    local _, err = client.get(case[1], case[2])
                    out[i] = err:kind() .. " " .. tostring(err:retryable())
                end
                return out
                """)
        #expect(
            text == """
                ["Invalid false","Invalid false","Invalid false","Invalid false","Invalid false","Invalid false",\
                "Internal true"]
                """)
    }

    @Test("An option that is misspelt or has a wrong value is an error that says so")
    func refusesOptions() async throws {
        let text = try await answer(
            of: """
                local out = {}
                for i, options in ipairs({{timout = 1}, {timeout = "soon"}, {timeout = -1}, {timeout = "25h"},
                    {max_response_body = -1}, {max_response_body = "10M"}, {stream = "yes"}, {headers = {"a"}}, {query = {a = {b = 1}}},
                    {auth = "me"}, {auth = {user = "me", passs = "x"}}, {tls = {a = 1}}}) do
                    local _, err = client.get(base, options)
                    out[i] = err and err:message() or "taken"
                end
                return out
                """)
        #expect(
            text == """
                ["unknown field 'timout'; did you mean 'timeout'?",\
                "'timeout' must be a time such as 5s, or seconds, got 'soon'",\
                "'timeout' must be 0s through 24h, got -1","'timeout' must be 0s through 24h, got '25h'",\
                "'max_response_body' must be a size such as 10MiB, got -1",\
                "'max_response_body' must be a size such as 10MiB, got '10M'",\
                "'stream' must be true or false, got 'yes'","'headers' must be a map, got a list",\
                "'query.a' must be a string, got a map","'auth' must be a map, got 'me'",\
                "unknown field 'auth.passs'; did you mean 'auth.pass'?",\
                "'tls' is not supported: the client speaks plain HTTP over TCP"]
                """)
    }

    @Test("An option with its default, or with another program's meaning, changes nothing")
    func takesDefaults() async throws {
        let text = try await answer(
            of: """
                local resp, err = client.post(base .. "/echo/1", {
                    timeout = 0, max_response_body = 1e6, stream = false, headers = {}, cookies = {}, query = {}, trace = true})
                return {tostring(err), resp.status_code, resp.url == base .. "/echo/1", resp.body_size}
                """)
        #expect(text == #"["nil",201,true,27]"#)
    }

    @Test("A request that is not answered in its time is given up")
    func givesUp() async throws {
        let text = try await answer(
            of: """
                local _, err = client.post(base .. "/slow/1", {timeout = 2})
                return {err:kind(), err:retryable()}
                """
        ) { app in
            // Those of the one who asks, and of the one who is asked.
            try await eventually("both wait") { app.clock.deadlines.contains { $0 > app.clock.now + .seconds(3000) } }
            app.clock.advance(by: .seconds(2))
        }
        #expect(text == #"["Internal",true]"#)
    }

    @Test("The answers to a call together are no longer than the memory of the script")
    func answersFitIntoMemory() async throws {
        let text = try await answer(
            of: """
                local one = {"POST", base .. "/sized/380000"}
                local answers, errors = client.request_batch({one, one, one})
                local length, message = 0, nil
                for i = 1, 3 do
                    if answers[i] then length = length + #answers[i].body end
                    if errors[i] then message = errors[i]:message() end
                end
                local _, long = client.post(base .. "/sized/1100000", {max_response_body = "1GiB"})
                return {length, message, long:message() == message}
                """, overrides: ["app:call:limits.memory": "1MiB"])
        #expect(text == #"[760000,"there is no memory for the answer; 'limits.memory' is the limit",true]"#)
    }

    @Test("A batch asks all at once, and gives answers and errors in the order of its requests")
    func batches() async throws {
        let text = try await answer(
            of: """
                local good = {"POST", base .. "/echo/1", {body = "a"}}
                local answers, none = client.request_batch({good, good})
                local some, errors = client.request_batch({{"POST", "http://127.0.0.1:1/"}, good})
                local _, streamed = client.request_batch({{"GET", base, {stream = true}}})
                local _, empty = client.request_batch({})
                return {#answers, tostring(none), some[1] == nil, some[2].status_code, errors[1]:kind(), errors[2] == nil,
                    streamed:kind(), empty:kind(), client.encode_uri("a b/é"), client.decode_uri("a+b%2F"),
                    select(2, client.decode_uri("%x")):kind()}
                """)
        #expect(
            text == """
                [2,"nil",true,201,"Internal",true,"Invalid","Invalid","a+b%2F%C3%A9","a b/","Invalid"]
                """)
    }
}
