import HTTPServing
import Testing

@testable import WippyHTTP

@Suite("The table of routes")
struct RouteTableTests {
    @Test("The longest prefix that a path begins with counts, of two the one with the earlier text")
    func prefixes() throws {
        let table = RouteTable<String, String>(
            routes: [],
            prefixes: try ["/a", "/a/{x}/c", "/a/b", "/{x}/{y}", "/a%20b/é"].map {
                let pattern = try RoutePattern($0)
                return (RoutePrefix(segments: pattern.segments, text: pattern.text), $0)
            })
        for (path, prefix) in [
            ("/a", "/a"), ("/a/", "/a"), ("/a/x", "/{x}/{y}"), ("/a/b", "/a/b"), ("/a/b/d", "/a/b"),
            ("/a/b/c", "/a/{x}/c"), ("/z/y/x", "/{x}/{y}"), ("/%61/b", "/a/b"), ("/a%20b/%C3%A9/", "/a%20b/é"),
            ("/z", nil), ("/", nil), ("", nil),
        ] {
            guard case .nothing(let found) = table.match(.get, Array(path.utf8)[...]) else {
                Issue.record("\(path) has a route")
                continue
            }
            #expect(found == prefix, "\(path)")
        }
    }

    @Test("Encoded bytes of a path are compared with the pattern's, and once only")
    func encoded() throws {
        let table = RouteTable<String, String>(
            routes: try ["/50%25", "/a%2541", "/%7Bid%7D", "/%3Aid", "/%ff"].map { (.get, try RoutePattern($0), $0) },
            prefixes: [])
        for (path, route) in [
            ("/50%25", "/50%25"), ("/a%2541", "/a%2541"), ("/a%41", nil), ("/%7bid%7D", "/%7Bid%7D"),
            ("/:id", "/%3Aid"), ("/%FF", "/%ff"), ("/%EF%BF%BD", nil),
        ] {
            if case .found(let found, _) = table.match(.get, Array(path.utf8)[...]) {
                #expect(found == route, "\(path)")
            } else {
                #expect(route == nil, "\(path)")
            }
        }
    }
}
