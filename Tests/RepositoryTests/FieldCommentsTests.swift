import Testing

/// The comments of properties that have the value of a field.
///
/// The call that reads the field states its default and its range, and the manual has them from there.
@Suite("Comments of properties that a field gives")
struct FieldCommentsTests {
    @Test("None repeats the default or the range of the field, because nothing would keep it true")
    func repeatNothing() throws {
        let pattern = #/(?<comment>(?:\ *\/\/\/.*\n)+)\ *(?:public |package |private )?(?:let|var) (?<name>\w+)/#
        var count = 0
        for path in Repository.files(in: "Sources", ending: ".swift") {
            let text = try Repository.text(of: path)
            guard text.contains("from fields: inout FieldReader") else { continue }
            for match in text.matches(of: pattern) {
                let comment = match.comment.replacing("///", with: "").split(whereSeparator: \.isWhitespace)
                    .joined(separator: " ")
                guard comment.contains(", from `") else { continue }
                count += 1
                let repeated = comment.contains(#/Default:|[0-9] through|through [0-9]|at (?:least|most) [0-9]/#)
                #expect(!repeated, "\(path): \(match.name) says '\(comment)'")
            }
        }
        #expect(count >= 10, "the pattern finds no comments any more")
    }
}
