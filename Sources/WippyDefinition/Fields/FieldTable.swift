/// A table of fields in Markdown, for the manual.
public struct FieldTable: CustomStringConvertible {
    private let fields: [FieldDescription]

    /// Creates a table of fields from their descriptions.
    public init(_ fields: [FieldDescription]) {
        self.fields = fields
    }

    /// Creates a table of the fields that a closure reads.
    public init(of read: (inout FieldReader) -> Void) {
        var reader = FieldReader()
        read(&reader)
        self.init(reader.descriptions)
    }

    /// The table as lines of Markdown.
    public var description: String {
        let rows = fields.map { field in
            let condition = field.condition.map { ", where `\($0.field)` is `\($0.value)`" } ?? ""
            let cells = [
                "`\(field.path)`\(condition)", field.expectation, field.fallback(quotedBy: "`"), field.explanation,
            ]
            return "| \(cells.map(Self.cell).joined(separator: " | ")) |"
        }
        return (["| field | takes | default | description |", "| --- | --- | --- | --- |"] + rows)
            .joined(separator: "\n")
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
