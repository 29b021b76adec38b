extension [String] {
    /// The paths of fields as a part of a sentence, in Markdown.
    package var listInMarkdown: String {
        let names = map { "`\($0)`" }
        guard names.count > 2, let last = names.last else { return names.joined(separator: " and ") }
        return "\(names.dropLast().joined(separator: ", ")) and \(last)"
    }
}
