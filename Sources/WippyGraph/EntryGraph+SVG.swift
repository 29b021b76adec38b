import WippyDefinition
public import WippyRuntime
import WippyText

extension EntryGraph {
    /// The graph as an SVG picture, for light and dark pages.
    ///
    /// Each line between entries has a title with its meaning. A browser can show the title when you point at the line.
    public var svg: String { SVGDrawing(of: self).text }
}

/// Draws a graph as SVG: the positions come from ``LayeredLayout``, and this type adds colors and words.
struct SVGDrawing {
    private let graph: EntryGraph
    private let layout: LayeredLayout
    private let lines: [(from: Int, to: Int, meaning: ReferenceMeaning)]
    private let labels: [String]

    private static let margin = 24.0
    private static let nameSize = 13.0
    private static let kindSize = 11.0
    private static let boxHeight = 42.0
    private static let maxLabelLength = 44
    private static let pageWidth = 960.0
    private static let legendRow = 22.0

    init(of graph: EntryGraph) {
        self.graph = graph
        let lines = graph.lines
        let labels = graph.labels.map { $0.cut(to: Self.maxLabelLength) }
        let sizes = zip(labels, graph.nodes).map { label, node in
            let name = TextWidth.of(label, size: Self.nameSize, isBold: true)
            let kind = TextWidth.of(node.kind.visible, size: Self.kindSize)
            return LayeredLayout.Size(width: (max(name, kind) + 26).rounded(.up), height: Self.boxHeight)
        }
        let edges = lines.map { line in
            LayeredLayout.Edge(
                from: line.from, to: line.to, group: ReferenceMeaning.all.firstIndex(of: line.meaning) ?? 0,
                weight: line.meaning == .belongsTo ? 3 : 1)
        }
        layout = LayeredLayout(of: sizes, edges, maxWidth: Self.pageWidth)
        (self.lines, self.labels) = (lines, labels)
    }

    /// The text of the SVG file.
    var text: String {
        let legend = Legend(of: graph, lines, width: max(layout.size.width, 680))
        let width = max(layout.size.width, legend.width) + 2 * Self.margin
        let legendTop = layout.size.height + (graph.nodes.isEmpty ? 0 : 28) + Self.margin
        let height = legendTop + legend.height + Self.margin
        let indent = Self.margin + max(0, (width - 2 * Self.margin - layout.size.width) / 2)
        let title = "\(graph.nodes.count) entries and their uses of each other"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width.short) \(height.short)" \
            width="\(width.short)" height="\(height.short)" role="img" aria-label="\(title)">
            <title>\(title)</title>
            <style>
            text { font-family: ui-sans-serif, system-ui, Helvetica, Arial, sans-serif }
            .name { font-size: \(Self.nameSize.short)px; font-weight: 600 }
            .kind { font-size: \(Self.kindSize.short)px }
            .box { stroke-width: 1.25 } .line { fill: none; stroke-width: 1.5 } .belongs-to { stroke-width: 1.25 }
            .consumes { stroke-dasharray: 7 3 } .starts-after { stroke-dasharray: 2 3 }
            \(Palette.light.rules)
            @media (prefers-color-scheme: dark) {
            \(Palette.dark.rules)
            }
            </style>
            <defs>
            \(heads)
            </defs>
            <rect class="ground" width="100%" height="100%" rx="10"/>
            <g transform="translate(\(indent.short) \(Self.margin.short))">
            \(pieces)\(boxes)</g>
            <g transform="translate(\(Self.margin.short) \(legendTop.short))">
            \(legend.text)</g>
            </svg>

            """
    }

    /// The arrowheads, one for each meaning whose lines have an arrowhead.
    private var heads: String {
        ReferenceMeaning.all.filter { $0 != .belongsTo }.map { meaning in
            """
            <marker id="\(meaning.name)" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" \
            markerUnits="userSpaceOnUse" orient="auto">\
            <path class="\(meaning.name)-head" d="M0 0.8 8 4 0 7.2z"/></marker>
            """
        }.joined(separator: "\n")
    }

    private var pieces: String {
        layout.pieces.map { piece in
            let meaning = lines[piece.edges[0]].meaning
            let head = piece.isEnd && meaning != .belongsTo ? " marker-end=\"url(#\(meaning.name))\"" : ""
            return """
                <path class="line \(meaning.name)" d="\(piece.path)"\(head)>\
                <title>\(sentence(about: piece))</title></path>

                """
        }.joined()
    }

    /// Returns sentences about the first lines of a piece.
    private func sentence(about piece: LayeredLayout.Piece) -> String {
        let sentences = piece.edges.prefix(6).map { index in
            let line = lines[index]
            let (subject, object) = line.meaning.isDrawnBackwards ? (line.to, line.from) : (line.from, line.to)
            return "\(graph.nodes[subject].id) \(line.meaning.words) \(graph.nodes[object].id)".visible.inXML
        }
        let rest = piece.edges.count > 6 ? "\nand \(piece.edges.count - 6) more" : ""
        return sentences.joined(separator: "\n") + rest
    }

    private var boxes: String {
        zip(graph.nodes, zip(labels, layout.boxes)).map { node, drawn in
            let (label, box) = drawn
            let (x, y) = (box.origin.x, box.origin.y)
            let middle = (x + box.size.width / 2).short
            return """
                <g><title>\(node.id.description.visible.inXML)</title>\
                <rect class="box \(node.role.name)" x="\(x.short)" y="\(y.short)" \
                width="\(box.size.width.short)" height="\(box.size.height.short)" rx="7"/>\
                <text class="name" x="\(middle)" y="\((y + 18).short)" text-anchor="middle">\(label.inXML)</text>\
                <text class="kind" x="\(middle)" y="\((y + 33).short)" text-anchor="middle">\
                \(node.kind.visible.inXML)</text></g>

                """
        }.joined()
    }

    /// The legend, which explains the colors and lines of the picture.
    private struct Legend {
        private(set) var text = ""
        private(set) var width = 0.0
        private(set) var height = 0.0

        init(of graph: EntryGraph, _ lines: [(from: Int, to: Int, meaning: ReferenceMeaning)], width limit: Double) {
            var place = LayeredLayout.Point(x: 0, y: 0)
            func fit(_ words: String, sample: Double) -> Double {
                let width = sample + 8 + TextWidth.of(words, size: SVGDrawing.kindSize)
                if place.x > 0, place.x + width > limit {
                    place = LayeredLayout.Point(x: 0, y: place.y + SVGDrawing.legendRow)
                }
                let x = place.x
                self.width = max(self.width, x + width)
                place.x += width + 18
                return x
            }
            func word(_ words: String, at x: Double) -> String {
                "<text class=\"kind\" x=\"\(x.short)\" y=\"\((place.y + 10).short)\">\(words)</text>\n"
            }
            for role in ServiceRole?.all where graph.nodes.contains(where: { $0.role == role }) {
                let words = role == nil ? "no service" : role.name
                let x = fit(words, sample: 16)
                let top = place.y.short
                text +=
                    "<rect class=\"box \(role.name)\" x=\"\(x.short)\" y=\"\(top)\" width=\"16\" "
                    + "height=\"12\" rx=\"3\"/>"
                text += word(words, at: x + 24)
            }
            if !lines.isEmpty, place.x > 0 { place = LayeredLayout.Point(x: 0, y: place.y + SVGDrawing.legendRow) }
            for meaning in ReferenceMeaning.all where lines.contains(where: { $0.meaning == meaning }) {
                let x = fit(meaning.words, sample: 28)
                let head = meaning == .belongsTo ? "" : " marker-end=\"url(#\(meaning.name))\""
                let level = (place.y + 6).short
                text += "<path class=\"line \(meaning.name)\" d=\"M\(x.short) \(level)h28\"\(head)/>"
                text += word(meaning.words, at: x + 36)
            }
            height = graph.nodes.isEmpty ? 0 : place.y + 14
        }
    }
}

extension LayeredLayout.Piece {
    /// The piece as the path of SVG.
    fileprivate var path: String {
        let start = "M\(from.x.short) \(from.y.short)"
        guard controls.count == 2 else { return "\(start)L\(to.x.short) \(to.y.short)" }
        let points = (controls + [to]).map { "\($0.x.short) \($0.y.short)" }
        return "\(start)C\(points.joined(separator: " "))"
    }
}

extension Double {
    /// The number, rounded to a tenth.
    fileprivate var short: String {
        let tenths = Int((self * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let whole = tenths.magnitude / 10
        return tenths % 10 == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(tenths.magnitude % 10)"
    }
}

extension String {
    /// The text with the special characters of XML escaped.
    fileprivate var inXML: String {
        unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(scalar)
            }
        }.joined()
    }

    /// Returns the text; if it is longer than `most` characters, without its middle.
    fileprivate func cut(to most: Int) -> String {
        guard unicodeScalars.count > most else { return self }
        return String(unicodeScalars.prefix(most / 2)) + "…" + String(unicodeScalars.suffix(most / 2 - 1))
    }
}
