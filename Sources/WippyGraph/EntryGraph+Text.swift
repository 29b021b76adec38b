import WippyDefinition
public import WippyRuntime
import WippyText
import WippyValues

extension EntryGraph {
    /// The graph as JSON, with the keys `entries` and `edges`.
    public var json: String {
        let entries = nodes.map { node -> Value in
            [
                "id": .string(node.id.description), "kind": .string(node.kind),
                "role": node.role == nil ? .null : .string(node.role.name),
            ]
        }
        let edges = edges.map { edge -> Value in
            [
                "from": .string(nodes[edge.from].id.description), "to": .string(nodes[edge.to].id.description),
                "meaning": .string(edge.meaning.name), "field": .string(edge.field),
            ]
        }
        return JSON.indentedText(of: ["entries": .list(entries), "edges": .list(edges)]) + "\n"
    }

    /// The graph in the language of Mermaid, for pictures in Markdown.
    public var mermaid: String {
        let labels = labels
        let entries = nodes.enumerated().map { index, node in
            let kind = "<br/><small>\(node.kind.inMermaid)</small>"
            return "    e\(index)[\"\(labels[index].inMermaid)\(kind)\"]:::\(node.role.name)"
        }
        let edges = lines.map { line in
            let arrow =
                switch line.meaning {
                case .belongsTo: "---"
                case .startsAfter: "-.->|starts after|"
                default: "-->|\(line.meaning.words)|"
                }
            return "    e\(line.from) \(arrow) e\(line.to)"
        }
        let used = Set(nodes.map(\.role.name).map { ExactText($0) })
        let classes = ServiceRole?.all.map(\.name).filter { used.contains(ExactText($0)) }.map { name in
            "    classDef \(name) stroke:\(Palette.light.stroke(of: name)),stroke-width:2px"
        }
        return (["flowchart LR"] + entries + edges + classes).joined(separator: "\n") + "\n"
    }

    /// The graph in the language of Graphviz.
    public var dot: String {
        let head = [
            "digraph entries {", "    rankdir=LR", "    node [shape=box, style=rounded, fontname=Helvetica]",
            "    edge [fontname=Helvetica, fontsize=10]",
        ]
        let labels = labels
        let entries = nodes.enumerated().map { index, node in
            let color = Palette.light.stroke(of: node.role.name)
            return "    e\(index) [label=\"\(labels[index].inDot)\\n\(node.kind.inDot)\", color=\"\(color)\"]"
        }
        let edges = lines.map { line in
            let style =
                switch line.meaning {
                case .belongsTo: ", arrowhead=none"
                case .startsAfter: ", style=dotted"
                default: ""
                }
            return "    e\(line.from) -> e\(line.to) [label=\"\(line.meaning.words)\"\(style)]"
        }
        return (head + entries + edges + ["}"]).joined(separator: "\n") + "\n"
    }
}

extension String {
    /// The text for a label in Mermaid, in which all special characters are written as numbers.
    fileprivate var inMermaid: String {
        unicodeScalars.map { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || " ._-:/".unicodeScalars.contains(scalar)
                ? String(scalar) : "#\(scalar.value);"
        }.joined()
    }

    /// The text for a quoted label in Graphviz.
    fileprivate var inDot: String {
        unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    }
}
