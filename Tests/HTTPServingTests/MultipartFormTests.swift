import HTTPServing
import Testing

@Suite("Forms with files")
struct MultipartFormTests {
    @Test(
        "The name of a file has no folders; a path that ends with its folder names no file",
        arguments: [
            ("a.txt", "a.txt"), ("b/a.txt", "a.txt"), ("c:\\b\\a.txt", "a.txt"), ("", nil), ("a/", nil), ("/", nil),
        ])
    func fileName(_ written: String, expected: String?) throws {
        let body = """
            --x\r
            Content-Disposition: form-data; name="file"; filename="\(written)"\r
            \r
            content\r
            --x--\r

            """
        let form = try MultipartForm(Array(body.utf8), contentType: "multipart/form-data; boundary=x")
        #expect(form.parts.map(\.name) == ["file"] && form.parts.map(\.fileName) == [expected])
    }

    @Test(
        "A head that does not end before the next boundary is malformed; a form without that boundary is cut off",
        arguments: [
            ("A: b\r\n--x--\r\n", MultipartFormError.malformedHead), ("--x--\r\n", .malformedHead),
            ("A: b\r\n--x\r\nA: b\r\n\r\nc\r\n--x--", .malformedHead), ("A: b", .cutOff), ("A: b\r\n--xy", .cutOff),
            ("A: b\r\n\r\nc", .cutOff), ("", .cutOff),
        ])
    func cutHead(rest: String, expected: MultipartFormError) {
        #expect(throws: expected) {
            try MultipartForm(Array("--x\r\n\(rest)".utf8), contentType: "multipart/form-data; boundary=x")
        }
    }
}
