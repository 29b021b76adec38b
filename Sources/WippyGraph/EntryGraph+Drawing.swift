import WippyDefinition
import WippyRuntime
import WippyText

extension ReferenceMeaning {
    /// Every meaning, in the order of the legend.
    static let all: [ReferenceMeaning] = [.belongsTo, .calls, .publishes, .consumes, .accesses, .startsAfter]

    /// The meaning as the verb of a sentence about two entries: `publishes to`.
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

    /// The meaning as one word, for an attribute: `starts-after`.
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

    /// True if the picture shows the line in the opposite direction, because messages and requests go that way.
    var isDrawnBackwards: Bool { self == .consumes || self == .belongsTo }
}

extension EntryGraph {
    /// The names of the entries in a picture.
    ///
    /// If all entries have the same namespace, the namespace is left out.
    var labels: [String] {
        let isOne = nodes.allSatisfy { ExactText.areEqual($0.id.namespace, nodes[0].id.namespace) }
        return nodes.map { isOne ? $0.id.name.visible : $0.id.description.visible }
    }

    /// The edges as lines of a picture, each with its ends in the direction of the line.
    ///
    /// Equal edges become one line.
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
    /// The role as one word, such as `server`; `entry` for an entry without a service.
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
