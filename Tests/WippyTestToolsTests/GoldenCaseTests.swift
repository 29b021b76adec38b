import Testing
import WippyTestTools

@Suite("A case in a text file")
struct GoldenCaseTests {
    @Test(
        "Empty lines do not count, neither in the file nor in the output", arguments: [["a", "", "b", ""], ["a\n\nb"]])
    func emptyLines(_ lines: [String]) throws {
        let folder = try TemporaryFolder()
        try folder.write("A title.\n\n-- expected --\na\n\nb\n", to: "case.txt")
        let golden = try GoldenCase(contentsOf: folder.file("case.txt"))
        #expect(try golden.difference { _ in lines } == nil)
        #expect(try golden.difference { _ in ["a"] } != nil)
    }
}
