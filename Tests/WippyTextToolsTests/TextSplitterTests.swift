import Testing
import WippyTextTools

@Suite("Chunks of texts")
struct TextSplitterTests {
    @Test("A text is divided at the coarsest separator that suffices")
    func plain() {
        let splitter = TextSplitter(
            length: 7, overlap: 0, separators: TextSplitter.plainSeparators, keepsSeparators: false, markdown: nil)
        #expect(splitter.chunks(of: "one two\n\nthree four") == ["one two", "three", "four"])
    }

    @Test("A chunk of Markdown begins with the headings above it")
    func markdown() {
        let splitter = TextSplitter(
            length: 100, overlap: 0, separators: TextSplitter.plainSeparators, keepsSeparators: false,
            markdown: .init(keepsCode: true, repeatsHeadings: true))
        #expect(splitter.chunks(of: "# A\none\n## B\ntwo") == ["# A\none", "# A\n## B\ntwo"])
    }
}
