import Testing
import Wippy
import WippyTesting

/// What the module `http` reads of a request and makes of an answer, over sockets.
@Suite("The Lua module http")
struct HTTPModuleTests {
    /// What a script answers to a request.
    private static func answer(
        of script: String, to body: String = "", fields: TestApplication.Fields = [:], path: String = "/f/1"
    ) async throws -> TestResponse {
        let script = """
            local http = require("http")
            return {handler = function()
                local req, res = http.request(), http.response()
            \(script)
            end}
            """
        let project = LuaResponderTests.endpoints(["f": script])
        var answer: TestResponse?
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            answer = try await app.send(.post, path, body: Array(body.utf8), fields: fields)
        }
        return try #require(answer)
    }

    @Test("A body comes piece by piece, is read once, and says what it is")
    func streamsRequests() async throws {
        let answer = try await Self.answer(
            of: """
                local stream, err = req:stream()
                local before = stream:stat()
                local first, rest = stream:read(3), {}
                while true do
                    local piece, err = stream:read(4)
                    if piece == nil then rest[#rest + 1] = tostring(err) break end
                    rest[#rest + 1] = piece
                end
                local _, again = req:body()
                local at, seek = stream:seek("set", 0)
                local _, write = stream:write("x")
                local closed, twice = stream:close(), stream:close()
                local _, after = stream:read()
                res:write_json({size = before.size, seekable = before.seekable, first = first, rest = rest,
                    position = stream:stat(), again = again:kind(), at = at, seek = seek:kind(), write = write:kind(),
                    closed = closed and twice, after = after:message()})
                """, to: "Hello, world!")
        #expect(
            answer.text == """
                {"after":"stream is closed","again":"Internal","at":-1,"closed":true,"first":"Hel","rest":["lo, ",\
                "worl","d!","nil"],"seek":"Internal","seekable":false,"size":13,"write":"Internal"}
                """)
    }

    @Test("A body whose reading as JSON is interrupted, since the script has run for long, is read all the same")
    func readsInterrupted() async throws {
        let script = """
            local http, time = require("http"), require("time")
            return {handler = function()
                local req, res = http.request(), http.response()
                local body, err
                -- More work from request to request, so that the slice ends at different places.
                for i = 1, tonumber(req:query("n")) * 4000 do body = i end
                body, err = req:body_json()
                if err then
                    res:set_status(500)
                    return res:write(err:message())
                end
                res:write(tostring(#body))
            end}
            """
        let project = LuaResponderTests.endpoints(["f": script])
        let body = Array(("[" + String(repeating: "1,", count: 30_000) + "1]").utf8)
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            for number in 1...400 {
                let answer = try await app.send(.post, "/f/1?n=\(number)", body: body)
                #expect(answer.text == "30001")
            }
        }
    }

    @Test("A stream is cut into lines, words and characters; another cut is refused")
    func scans() async throws {
        let script = """
                local function tokens(split)
                    local found, scanner = {}, stream:scanner(split)
                    while scanner:scan() do found[#found + 1] = scanner:text() end
                    return found, scanner:err()
                end
            """
        func scanned(_ split: String, _ body: String) async throws -> String {
            try await Self.answer(
                of: "local stream = req:stream()\n\(script)\nres:write_json({tokens('\(split)')})", to: body
            ).text
        }
        #expect(try await scanned("lines", "a b\r\n\nlast") == #"[["a b","","last"]]"#)
        #expect(try await scanned("words", "  a\tb\n\nc ") == #"[["a","b","c"]]"#)
        #expect(try await scanned("runes", "aé€") == #"[["a","é","€"]]"#)
        #expect(try await scanned("bytes", "ab") == #"[["a","b"]]"#)
        let long = String(repeating: "x", count: 70_000)
        #expect(try await scanned("lines", long) == #"[[],"a token is longer than 64KiB"]"#)
        let other = try await Self.answer(
            of: "local _, err = req:stream():scanner('pages') res:write(err:kind())", to: "a")
        #expect(other.text == "Invalid")
    }

    @Test("A form's fields are texts or lists, and its files are lists of what can be read")
    func readsForms() async throws {
        let body = [
            #"--X"#, #"Content-Disposition: form-data; name="title""#, "", "é",
            #"--X"#, #"Content-Disposition: form-data; name="tag""#, "", "1",
            #"--X"#, #"content-disposition: form-data; name=tag"#, "", "2",
            #"--X"#, #"Content-Disposition: form-data; name="doc"; filename="C:\dir\a \"b\".txt""#,
            "Content-Type: text/plain", "", "one\r\n--Xtwo", "--X--", "",
        ].joined(separator: "\r\n")
        let script = """
            local form, err = req:parse_multipart()
            if err then return res:write_json({kind = err:kind(), message = err:message()}) end
            local file = form.files.doc[1]
            local stream = file:stream()
            local first, place = stream:read(3), stream:seek("set", 1)
            res:write_json({title = form.values.title, tags = form.values.tag, count = #form.files.doc,
                name = file:name(), size = file:size(), type = file:header("content-type"), first = first,
                place = place, rest = stream:read(), none = file:header("X-None"), text = tostring(file)})
            """
        let answer = try await Self.answer(
            of: script, to: body, fields: [.contentType: "multipart/form-data; boundary=\"X\""])
        #expect(
            answer.text == """
                {"count":1,"first":"one","name":"a \\"b\\".txt","place":1,"rest":"ne\\r\\n--Xtwo","size":11,\
                "tags":["1","2"],"text":"http.MultipartFile{name=a \\"b\\".txt, size=11}","title":"é",\
                "type":"text/plain"}
                """)
        let plain = try await Self.answer(of: script, to: body, fields: [.contentType: "text/plain"])
        #expect(plain.text == #"{"kind":"Invalid","message":"content type is not multipart/form-data"}"#)
        let cut = try await Self.answer(
            of: script, to: String(body.dropLast(5)), fields: [.contentType: "multipart/form-data; boundary=X"])
        #expect(cut.text.hasPrefix(#"{"kind":"Internal","message":"failed to parse multipart form"#))
    }

    @Test("An answer in chunks goes out in chunks; what belongs before the content is refused after it")
    func answersInChunks() async throws {
        let answer = try await Self.answer(
            of: """
                local before = res:set_transfer(http.TRANSFER.CHUNKED)
                res:set_content_type(http.CONTENT.STREAM)
                for i = 1, 300 do res:write(string.rep("x", 1000)) end
                local late = res:set_transfer(http.TRANSFER.SSE)
                res:write("\\n" .. tostring(before) .. " " .. late:kind() .. " " .. res:set_header("A", "b"):kind()
                    .. " " .. res:set_content_type("a/b"):kind() .. " " .. res:set_status(201):kind()
                    .. " " .. res:write_event({name = "n", data = 1}):kind())
                """)
        #expect(answer.fields[.transferEncoding] == "chunked" && answer.fields[.cacheControl] == "no-cache")
        #expect(answer.fields[.contentType] == "application/octet-stream" && answer.fields[.contentLength] == nil)
        let parts = answer.text.split(separator: "\n")
        #expect(parts.map(\.utf8.count).first == 300_000)
        #expect(parts.dropFirst() == ["nil Invalid Invalid Invalid Invalid Invalid"])
        let short = try await Self.answer(of: "res:set_transfer('chunked') res:write('a')")
        #expect(short.fields[.transferEncoding] == "chunked" && short.text == "a")
        let wrong = try await Self.answer(
            of: "local ok, err = pcall(res.set_transfer, res, 'slow') res:write(tostring(ok))")
        #expect(wrong.text == "false")
    }

    @Test("Coroutines that send parts of one answer at the same time all go on")
    func answersByCoroutines() async throws {
        let answer = try await Self.answer(
            of: """
                res:set_transfer("chunked")
                local done = channel.new(3)
                for i = 1, 3 do
                    coroutine.spawn(function()
                        for _ = 1, 20 do
                            res:write(string.rep(tostring(i), 1000))
                            res:flush()
                        end
                        done:send(i)
                    end)
                end
                for i = 1, 3 do done:receive() end
                """)
        for digit in ["1", "2", "3"] as [Character] {
            #expect(answer.text.count { $0 == digit } == 20_000)
        }
    }

    @Test("Events go out one by one, with the fields of a stream of events")
    func sendsEvents() async throws {
        let answer = try await Self.answer(
            of: """
                res:write_event({name = "start", data = {n = 1}})
                res:write_event({name = "end", data = "x"})
                """)
        #expect(answer.fields[.contentType] == "text/event-stream" && answer.fields[.cacheControl] == "no-cache")
        #expect(answer.text == "event: start\ndata: {\"n\":1}\n\nevent: end\ndata: \"x\"\n\n")
        let wrong = try await Self.answer(
            of: """
                local named = pcall(res.write_event, res, {data = 1})
                local filled = pcall(res.write_event, res, {name = "a"})
                res:write(tostring(named) .. tostring(filled))
                """)
        #expect(wrong.text == "falsefalse")
    }

    @Test("A script bounds the body that it reads")
    func boundsBodies() async throws {
        let script = """
            local _, err = http.request({max_body = 3, timeout = 1000}):body()
            res:write(err and err:kind() .. ": " .. err:message() or "none")
            """
        #expect(try await Self.answer(of: script, to: "four").text == "Invalid: request body too large")
        #expect(try await Self.answer(of: script, to: "abc").text == "none")
        let streamed = try await Self.answer(
            of: """
                local stream = http.request({max_body = 3}):stream()
                local piece, err = stream:read()
                res:write(tostring(piece) .. err:kind())
                """, to: "four")
        #expect(streamed.text == "nilInvalid")
    }

    @Test("An option that is misspelt or has a wrong value is an error that says so; any other name has no effect")
    func requestOptions() async throws {
        let script = """
            for _, options in ipairs({{max_bdy = 3}, {max_body = "3"}, {timeout = "soon"}, {timeout = {}}, 7,
                {max_body = 0, timeout = -1, trace = true}, {max_body = 3.9, timeout = "1s"}, {}}) do
                local request, err = http.request(options)
                res:write((err and err:kind() .. ": " .. err:message() or tostring(request ~= nil)) .. "\\n")
            end
            """
        let text = try await Self.answer(of: script).text
        #expect(
            text == """
                Invalid: unknown field 'max_bdy'; did you mean 'max_body'?
                Invalid: 'max_body' must be a whole number, got the string '3'
                Invalid: 'timeout' must be a time such as 5s, or milliseconds, got 'soon'
                Invalid: 'timeout' must be a time such as 5s, or milliseconds, got a map
                Invalid: options must be a table, got number
                true
                true
                true

                """)
    }
}
