import Foundation
import Testing
import WippyDefinition
import WippyGraph

@testable import WippyRuntime

/// What `graph` prints of entries and their uses of each other.
@Suite("The graph of entries")
struct EntryGraphTests {
    private static let graph = EntryGraph(
        nodes: [
            .init(id: EntryID(namespace: "app", name: "consumer"), kind: "queue.consumer", role: .consumer),
            .init(id: EntryID(namespace: "app", name: "endpoint"), kind: "http.endpoint", role: nil),
            .init(id: EntryID(namespace: "app", name: "queue"), kind: "queue.queue", role: nil),
            .init(id: EntryID(namespace: "app", name: "router"), kind: "http.router", role: nil),
        ],
        edges: [
            .init(from: 0, to: 2, meaning: .consumes, field: "queue"),
            .init(from: 1, to: 3, meaning: .belongsTo, field: "meta.router"),
            .init(from: 3, to: 2, meaning: .publishes, field: "uses.a"),
            .init(from: 3, to: 2, meaning: .publishes, field: "uses.b"),
            .init(from: 3, to: 0, meaning: .startsAfter, field: "lifecycle.requires[0]"),
        ])

    @Test("JSON says every reference as it is declared")
    func json() {
        let json = Self.graph.json
        #expect(json.contains(#"{"id":"app:consumer","kind":"queue.consumer","role":"consumer"}"#))
        #expect(json.contains(#"{"id":"app:queue","kind":"queue.queue","role":null}"#))
        let edge = #"{"field":"queue","from":"app:consumer","meaning":"consumes","to":"app:queue"}"#
        #expect(json.contains(edge), "\(json)")
        #expect(json.contains(#""field":"uses.a""#) && json.contains(#""field":"uses.b""#))
    }

    @Test("Mermaid and Graphviz draw lines as messages go, each once")
    func texts() {
        let mermaid = Self.graph.mermaid
        #expect(mermaid.hasPrefix("flowchart LR\n"))
        #expect(mermaid.contains("    e2 -->|consumes| e0\n"))
        #expect(mermaid.contains("    e3 --- e1\n"))
        #expect(mermaid.contains("    e3 -.->|starts after| e0\n"))
        #expect(mermaid.components(separatedBy: "publishes to").count == 2)
        let dot = Self.graph.dot
        #expect(dot.contains("e2 -> e0 [label=\"consumes\"]") && dot.hasSuffix("}\n"))
        #expect(dot.contains("e3 -> e1 [label=\"belongs to\", arrowhead=none]"))
    }

    @Test("Whatever an entry is called, it cannot leave its place in a text")
    func names() {
        let graph = EntryGraph(
            nodes: [.init(id: EntryID(namespace: "a", name: #"<b> & "c" \"#), kind: "x.y", role: nil)], edges: [])
        #expect(graph.svg.contains("&lt;b&gt; &amp; &quot;c&quot; \\</text>"))
        #expect(graph.mermaid.contains("#60;b#62; #38; #34;c#34; #92;<br/>"))
        #expect(graph.dot.contains(#"<b> & \"c\" \\\n"#))
    }

    @Test("The picture has every entry, and says what each line means")
    func picture() {
        let svg = Self.graph.svg
        for node in Self.graph.nodes { #expect(svg.contains("<title>\(node.id)</title>")) }
        #expect(svg.contains("<title>app:consumer consumes app:queue</title>"))
        #expect(svg.contains("<title>app:endpoint belongs to app:router</title>"))
        #expect(svg.contains("prefers-color-scheme: dark"))
        #expect(svg == Self.graph.svg)
        #expect(EntryGraph(nodes: [], edges: []).svg.hasSuffix("</svg>\n"))
    }
}
