extension ProjectTemplate {
    /// The template with one endpoint.
    static let hello = ProjectTemplate(
        name: "hello",
        summary: "An HTTP server with one endpoint.",
        trial: """
            In another terminal:

                curl localhost:8080/hello/world    # {"text":"Hello, world"}
            """,
        port: 8080, keepsData: false, sources: helloSources, scripts: helloScripts)
}
