import WippyDefinition
import WippyRuntime
import WippyText

extension ReferenceMeaning {
    /// Every meaning, in the order of the legend.
    static let all: [ReferenceMeaning] = [.belongsTo, .calls, .publishes, .consumes, .accesses, .startsAfter]

    /// What stands between the two entries in a sentence: `publishes to`.
    var words: String {
        switch self {
        case .publishes: "publishes to"
        case .consumes: "consumes"
        case .calls: "calls"
        case .accesses: "reads and writes"
        case .belongsTo: "belongs to"
        case .startsAfter: "starts after"
        }
    }

    /// One word for it, as an attribute has it: `starts-after`.
    var name: String {
        switch self {
        case .publishes: "publishes"
        case .consumes: "consumes"
        case .calls: "calls"
        case .accesses: "accesses"
        case .belongsTo: "belongs-to"
        case .startsAfter: "starts-after"
        }
    }

    /// Whether a picture shows the line from the entry named to the one that names it, as messages and requests go.
    var isDrawnBackwards: Bool { self == .consumes || self == .belongsTo }
}

extension EntryGraph {
    /// What a picture calls the entries: by their names alone, where all are of one namespace.
    var labels: [String] {
        let isOne = nodes.allSatisfy { ExactText.areEqual($0.id.namespace, nodes[0].id.namespace) }
        return nodes.map { isOne ? $0.id.name.visible : $0.id.description.visible }
    }

    /// The edges as a picture shows them, each once whatever fields say it, with the entries in the order of its line.
    var lines: [(from: Int, to: Int, meaning: ReferenceMeaning)] {
        var seen: Set<LayeredLayout.Edge> = []
        return edges.compactMap { edge in
            let (from, to) = edge.meaning.isDrawnBackwards ? (edge.to, edge.from) : (edge.from, edge.to)
            let group = ReferenceMeaning.all.firstIndex(of: edge.meaning) ?? 0
            return seen.insert(LayeredLayout.Edge(from: from, to: to, group: group)).inserted
                ? (from, to, edge.meaning) : nil
        }
    }
}

extension ServiceRole? {
    /// One word for it: `server`; `entry` for one that is no service.
    var name: String {
        switch self {
        case .resource?: "resource"
        case .process?: "process"
        case .consumer?: "consumer"
        case .server?: "server"
        case nil: "entry"
        }
    }

    /// Every role, in the order of the legend.
    static let all: [ServiceRole?] = [.server, .consumer, .process, .resource, nil]
}
