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
        example: """
            version: "1.0"
            namespace: app
            entries:
              - name: gateway
                kind: http.service
                addr: ":8080"
                lifecycle: {auto_start: true}
            """,
        port: 8080, readyPath: "/readyz", testOverrides: ["app:gateway:addr=127.0.0.1:0"], sources: helloSources,
        scripts: helloScripts)
}
