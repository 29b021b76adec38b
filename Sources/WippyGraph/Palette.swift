import WippyText

/// The colors of a drawing on a light or a dark background.
struct Palette {
    let ground: String
    let text: String
    let muted: String
    /// The colors of the boxes and of their frames, by the names of roles.
    private let roles: [ExactText: (fill: String, stroke: String)]
    private let edges: [ExactText: String]

    static let light = Palette(
        ground: "#ffffff", text: "#1f2328", muted: "#59636e",
        roles: [
            "server": ("#ddf4ff", "#0969da"), "consumer": ("#dafbe1", "#1a7f37"), "process": ("#fbefff", "#8250df"),
            "resource": ("#fff8c5", "#9a6700"), "entry": ("#f6f8fa", "#818b98"),
        ],
        edges: [
            "belongs-to": "#818b98", "calls": "#424a53", "publishes": "#0969da", "consumes": "#1a7f37",
            "accesses": "#9a6700", "starts-after": "#818b98",
        ])

    static let dark = Palette(
        ground: "#0d1117", text: "#f0f6fc", muted: "#9198a1",
        roles: [
            "server": ("#121d2f", "#4493f8"), "consumer": ("#12261e", "#3fb950"), "process": ("#211a33", "#ab7df8"),
            "resource": ("#272115", "#d29922"), "entry": ("#151b23", "#656c76"),
        ],
        edges: [
            "belongs-to": "#656c76", "calls": "#b7bdc8", "publishes": "#4493f8", "consumes": "#3fb950",
            "accesses": "#d29922", "starts-after": "#656c76",
        ])

    func stroke(of role: String) -> String { roles[ExactText(role)]?.stroke ?? muted }

    /// The rules of a style sheet with these colors.
    var rules: String {
        let boxes = roles.sorted { $0.key < $1.key }.map { role, colors in
            ".\(role) { fill: \(colors.fill); stroke: \(colors.stroke) }"
        }
        let lines = edges.sorted { $0.key < $1.key }.map { edge, color in
            ".\(edge) { stroke: \(color) } .\(edge)-head { fill: \(color) }"
        }
        return ([".ground { fill: \(ground) } .name { fill: \(text) } .kind { fill: \(muted) }"] + boxes + lines)
            .joined(separator: "\n")
    }
}
