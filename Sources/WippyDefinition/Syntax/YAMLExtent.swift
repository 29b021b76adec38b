import WippyText

/// The beginning and end of a piece of YAML text, and of the pieces inside it, for edits of a text.
///
/// The text must have been composed before, so that its depth is known to be limited.
struct YAMLExtent {
    let start: YAMLEvents.Mark

    /// The end of the last word or bracket of the piece, without the rest of the line.
    private(set) var end: YAMLEvents.Mark

    /// The text of a scalar; nil for a list or a map.
    private(set) var text: ExactText?

    /// The elements of a list, or the keys and values of a map.
    private(set) var children: [YAMLExtent] = []

    /// The keys of a map with their values.
    var pairs: [(key: YAMLExtent, value: YAMLExtent)] {
        stride(from: 0, to: children.count - 1, by: 2).map { (children[$0], children[$0 + 1]) }
    }

    /// The scalars in the piece, in order.
    var scalars: [YAMLExtent] { text == nil ? children.flatMap(\.scalars) : [self] }

    /// Returns the piece that is the whole text; nil for an empty text.
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
                // This is a closing bracket. The end of an indented block has no extent.
                if next.end != next.mark { end = next.end }
                return
            }
        default: return
        }
    }
}
