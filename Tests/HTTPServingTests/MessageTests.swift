import Testing

@testable import HTTPServing

struct HTTPFieldsTests {
    @Test("Names are compared without case, and repeated values are joined")
    func lookup() throws {
        var fields = HTTPFields()
        try fields.append("X-Tag", "a")
        try fields.append(.contentType, "text/plain")
        try fields.append("x-tag", "b")
        #expect(fields["X-TAG"] == "a, b")
        #expect(fields.values(of: "x-Tag") == ["a", "b"])
        #expect(fields["content-type"] == "text/plain")
        #expect(fields[.host] == nil)
        #expect(fields.count == 3)
        #expect(fields.map(\.name) == ["X-Tag", "Content-Type", "x-tag"])
    }

    @Test("Setting replaces every line with the name, appending adds one")
    func set() throws {
        var fields = try HTTPFields([("A", "1"), ("B", "2"), ("a", "3")])
        try fields.set("A", "4")
        #expect(fields == (try HTTPFields([("B", "2"), ("A", "4")])))
        fields.remove("b")
        #expect(fields.map(\.value) == ["4"])
    }

    @Test("Fields that were replaced or removed do not count for the largest total")
    func replaced() throws {
        let long = String(repeating: "x", count: HTTPFields.maxValueLength)
        var fields = try HTTPFields([("A", "1"), ("B", "2")])
        for _ in 0...HTTPFields.maxTotalLength / HTTPFields.maxValueLength {
            try fields.set("B", long)
            try fields.set("A", long)
            try fields.append("C", long)
            fields.remove("C")
        }
        #expect(fields == (try HTTPFields([("B", long), ("A", long)])))
        #expect(throws: HTTPFieldError.self) { while true { try fields.append("B", long) } }
    }

    @Test("White space around a value is no part of it")
    func trimmed() throws {
        #expect(try HTTPFields([("A", " \t b c\t ")])["A"] == "b c")
    }

    @Test(
        "A value that would split the message is refused and changes nothing",
        arguments: ["a\r\nB: c", "a\n", "\r", "a\0", "a\u{7F}", "\u{1B}[0m", "a\u{0B}"])
    func split(value: String) throws {
        var fields = try HTTPFields([("A", "kept")])
        #expect(throws: HTTPFieldError.self) { try fields.set("A", value) }
        #expect(throws: HTTPFieldError.self) { try fields.append("B", value) }
        #expect(fields == (try HTTPFields([("A", "kept")])))
    }

    @Test("A name that is no token does not exist", arguments: ["", "a b", "a:", "a\r\nb", "\u{E9}", "a\0", "(a)"])
    func name(name: String) {
        #expect(HTTPFieldName(name) == nil)
    }

    @Test("Fields have a bound for each and for all")
    func bounds() throws {
        var fields = HTTPFields()
        let long = String(repeating: "x", count: HTTPFields.maxValueLength)
        for _ in 0..<15 { try fields.append("A", long) }
        #expect(throws: HTTPFieldError.self) { try fields.append("A", long) }
        #expect(throws: HTTPFieldError.self) { try fields.set("A", long + "x") }
        let name = try #require(HTTPFieldName(String(repeating: "n", count: 1025)))
        #expect(throws: HTTPFieldError.self) { try fields.set(name, "") }
    }

    @Test("A literal that is not a field name throws where it is set")
    func literalNames() {
        var fields = HTTPFields()
        for name: HTTPFieldName in ["", "Retry After", "X:Y", "Größe"] {
            let error = #expect(throws: HTTPFieldError.self) { try fields.set(name, "1") }
            #expect(error?.description == "'\(name)' is not a header name")
            #expect(fields[name] == nil)
        }
        #expect(fields.isEmpty)
    }

    @Test("An error tells the field and never the value")
    func error() {
        var fields = HTTPFields()
        let error = #expect(throws: HTTPFieldError.self) { try fields.set("X-Key", "secret\n") }
        #expect(error?.description == "the value of the header 'X-Key' holds a control character")
    }

    @Test("Every name that is recognised is found by its spelling in any case")
    func known() {
        let names: [HTTPFieldName] = [
            .accept, .allow, .authorization, .cacheControl, .connection, .contentLength, .contentType, .cookie, .date,
            .expect, .host, .location, .origin, .transferEncoding, .userAgent, .vary, .requestID,
        ]
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(HTTPFieldName(name.spelling.lowercased()) == name)
            #expect(HTTPFieldName(name.spelling.uppercased())?.known == name.known)
            #expect(HTTPFieldName("X" + name.spelling.dropFirst())?.known == .other || name == .requestID)
        }
    }
}

struct HTTPRequestHeadTests {
    private func head(_ target: String) throws -> HTTPRequestHead {
        try #require(HTTPRequestHead(method: .get, target: target))
    }

    @Test("A target is a path and a query")
    func target() throws {
        let both = try head("/a/b?c=d?e")
        #expect(both.path == "/a/b")
        #expect(both.query == "c=d?e")
        #expect(both.requestTarget == "/a/b?c=d?e")
        #expect(try head("/a").query == nil)
        #expect(try head("/a?").query == "")
    }

    @Test("The target stays the same when the fields change")
    func targetStays() throws {
        var parser = RequestParser()
        let bytes = Array("GET /a/b?c=d HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n".utf8)
        var offset = 0
        guard case .head(let received, _) = parser.next(bytes.span, at: &offset) else {
            Issue.record("no head was read")
            return
        }
        let fields = try HTTPFields([(.host, "h"), ("A", "b")])
        let made = try #require(HTTPRequestHead(method: .get, target: "/a/b?c=d", fields: fields))
        for var head in [received, made] {
            #expect(head.fields == fields)
            for change: (inout HTTPFields) throws -> Void in [
                { try $0.set("A", "c") }, { $0.remove(.host) }, { $0 = HTTPFields() }, { try $0.append("A", "d") },
            ] {
                try change(&head.fields)
                #expect(head.requestTarget == "/a/b?c=d" && head.path == "/a/b" && head.query == "c=d")
                #expect(head.pathSegments == ["a", "b"] && head.queryItems.map(\.name) == ["c"])
            }
            #expect(head.fields.map(\.value) == ["d"])
        }
    }

    @Test("An absolute target has the path and host of its URL")
    func absolute() throws {
        let fields = try HTTPFields([(.host, "other")])
        let full = try #require(HTTPRequestHead(method: .get, target: "http://b:80/c?d", fields: fields))
        #expect(full.path == "/c")
        #expect(full.query == "d")
        #expect(full.authority == "b:80")
        #expect(full.fields[.host] == "other")
        let bare = try head("http://b?d")
        #expect(bare.path == "/")
        #expect(bare.pathBytes.isEmpty)
        #expect(bare.query == "d")
    }

    @Test("Segments are decoded one by one")
    func segments() throws {
        #expect(try head("/").pathSegments == [""])
        #expect(try head("/a%2Fb/c%20d/").pathSegments == ["a/b", "c d", ""])
        #expect(try head("/a+b//%C3%A9%FF").pathSegments == ["a+b", "", "\u{E9}\u{FFFD}"])
        #expect(try head("http://b").pathSegments == [""])
    }

    @Test("A query is read as a form, without what is broken")
    func query() throws {
        let items = try head("/?a=1&b=x+y%26&a=%zz&c&=d&&e=f=g").queryItems
        #expect(items.map(\.name) == ["a", "b", "c", "", "e"])
        #expect(items.map(\.value) == ["1", "x y&", "", "d", "f=g"])
        #expect(try head("/").queryItems.isEmpty)
    }

    @Test("A target that no request may have makes no head", arguments: ["", "a", "/a b", "/#", "/\u{E9}", "/%", "*"])
    func invalid(target: String) {
        #expect(HTTPRequestHead(method: .get, target: target) == nil)
    }
}

struct MediaTypeTests {
    @Test("A media type's parameters are found by name, in quotation marks or not")
    func mediaTypes() {
        let type = MediaType("Form-Data ; name=a; File=\"x; \\\"y\\\" c:\\z\" ; empty=")
        #expect(type.name == "form-data" && type["name"] == "a" && type["empty"] == "")
        #expect(type["file"] == "x; \"y\" c:\\z" && type["other"] == nil)
    }
}
