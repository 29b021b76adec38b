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
}
