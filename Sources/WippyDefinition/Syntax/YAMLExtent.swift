import WippyText

/// Where a piece of a YAML text begins and ends, and the pieces that it is made of.
///
/// For edits of the text; only of one that has been composed, so that its depth is known to be bounded.
struct YAMLExtent {
    let start: YAMLEvents.Mark

    /// Where its last word or bracket ends; not what follows it in its lines.
    private(set) var end: YAMLEvents.Mark

    /// The text of a scalar.
    private(set) var text: ExactText?

    /// The elements of a list, the keys and values of a map.
    private(set) var children: [YAMLExtent] = []

    /// The keys of a map with their values.
    var pairs: [(key: YAMLExtent, value: YAMLExtent)] {
        stride(from: 0, to: children.count - 1, by: 2).map { (children[$0], children[$0 + 1]) }
    }

    /// The piece that a text holds; nil for an empty one.
    static func root(of text: String) throws(YAMLEvents.Failure) -> YAMLExtent? {
        var events = try YAMLEvents(text)
        guard case .documentStart = try events.next().kind else { return nil }
        return try YAMLExtent(try events.next(), of: &events)
    }

    private init(_ event: YAMLEvents.Event, of events: inout YAMLEvents) throws(YAMLEvents.Failure) {
        (start, end) = (event.mark, event.end)
        switch event.kind {
        case .scalar(let text, _): self.text = ExactText(text)
        case .sequenceStart, .mappingStart:
            while true {
                let next = try events.next()
                guard case .end = next.kind else {
                    let child = try YAMLExtent(next, of: &events)
                    children.append(child)
                    end = child.end
                    continue
                }
                // A bracket; the end of indented lines is nowhere.
                if next.end != next.mark { end = next.end }
                return
            }
        default: return
        }
    }
}
