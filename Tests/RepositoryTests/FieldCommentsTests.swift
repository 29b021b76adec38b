import Testing

/// The comments of properties that have the value of a field.
///
/// The call that reads the field states its default and its range, and the manual has them from there.
@Suite("Comments of properties that a field gives")
struct FieldCommentsTests {
    @Test("None repeats the default or the range of the field, because nothing would keep it true")
    func repeatNothing() throws {
        let pattern = #/(?<comment>(?:\ *\/\/\/.*\n)+)\ *(?:public |package |private )?(?:let|var) (?<name>\w+)/#
        let unit = #/[0-9] ?(?:ms|s|m|h|[KMG]iB|(?:milli)?seconds?|minutes?|hours?|bytes?)\b/#
        var count = 0
        for path in Repository.files(in: "Sources", ending: ".swift") {
            let text = try Repository.text(of: path)
            guard text.contains("init(from fields: inout FieldReader)") else { continue }
            for match in text.matches(of: pattern) {
                let comment = match.comment.replacing("///", with: "").split(whereSeparator: \.isWhitespace)
                    .joined(separator: " ")
                count += 1
                let words = comment.replacing(#/`[^`]*`/#, with: "")
                let repeated = words.contains(#/Default:|[0-9] through|through [0-9]|at (?:least|most) [0-9]/#)
                #expect(!repeated && !words.contains(unit), "\(path): \(match.name) says '\(comment)'")
            }
        }
        #expect(count >= 100, "the pattern finds no comments any more")
    }
}
