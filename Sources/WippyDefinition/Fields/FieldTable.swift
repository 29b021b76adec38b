/// A table of fields for the manual, in Markdown.
public struct FieldTable: CustomStringConvertible {
    private let fields: [FieldDescription]

    /// Creates a table of what fields say of themselves.
    public init(_ fields: [FieldDescription]) {
        self.fields = fields
    }

    /// Creates a table of the fields that a call reads.
    public init(of read: (inout FieldReader) -> Void) {
        var reader = FieldReader()
        read(&reader)
        self.init(reader.descriptions)
    }

    /// The lines of the table.
    public var description: String {
        let rows = fields.map { field in
            let condition = field.condition.map { ", where `\($0.field)` is `\($0.value)`" } ?? ""
            let cells = [
                "`\(field.path)`\(condition)", field.expectation, field.unlessWritten(quotedBy: "`"), field.explanation,
            ]
            return "| \(cells.map(Self.cell).joined(separator: " | ")) |"
        }
        return (["| field | takes | unless written | what it is for |", "| --- | --- | --- | --- |"] + rows)
            .joined(separator: "\n")
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}

extension FieldDescription {
    /// What it is for, and its older name, if it has one.
    public var explanation: String { help + (olderName.map { " Its older name is `\($0)`." } ?? "") }

    /// What holds where it is not written, and its range: `10, 1 through 1000`.
    ///
    /// - Parameter quote: what stands before and behind a default.
    public func unlessWritten(quotedBy quote: String = "") -> String {
        let range = form.range.map { ", \($0)" } ?? ""
        return switch presence {
        case .required: "required\(range)"
        case .optional(let written?): "\(quote)\(written)\(quote)\(range)"
        case .optional(nil): "absent\(range)"
        case .ignored: "has no effect"
        case .refused: "is refused"
        }
    }
}
