import WippyCommandLine

extension ProjectTemplate {
    /// The template with one endpoint.
    static let hello = ProjectTemplate(
        name: "hello",
        summary: "An HTTP server with one endpoint.",
        trial: """
            In another terminal:

                curl localhost:8080/hello/world    # {"text":"Hello, world"}
            """,
        port: 8080, testOverrides: ["app:gateway:addr=127.0.0.1:0"], sources: helloSources, scripts: helloScripts)
}
