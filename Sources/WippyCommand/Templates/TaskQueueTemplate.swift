import WippyCommandLine

extension ProjectTemplate {
    /// The template of the application that this repository runs.
    static let taskQueue = ProjectTemplate(
        name: "task-queue",
        summary: """
            Takes tasks by HTTP, queues them, and stores results in SQLite. Failed tasks are tried again, then put \
            aside.
            """,
        trial: """
            In another terminal:

                curl localhost:8080/tasks -d '{"action": "uppercase", "data": {"text": "hello world"}}'
                curl localhost:8080/tasks                    # shows its result
                curl "localhost:8080/tasks?status=failed"    # shows the tasks that were put aside
            """,
        port: 8080, readyPath: "/readyz", keepsData: true,
        testOverrides: ["app:gateway:addr=127.0.0.1:0", "app:db:file=:memory:"],
        sources: taskQueueSources, scripts: taskQueueScripts)
}
