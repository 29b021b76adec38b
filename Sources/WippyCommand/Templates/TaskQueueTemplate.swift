extension ProjectTemplate {
    /// The template of the application that this repository runs.
    static let taskQueue = ProjectTemplate(
        name: "task-queue",
        summary: """
            Takes tasks by HTTP, queues them, and stores results in SQLite; what fails is tried again, or put aside.
            """,
        trial: """
            In another terminal:

                curl localhost:8080/tasks -d '{"action": "uppercase", "data": {"text": "hello world"}}'
                curl localhost:8080/tasks                    # its result
                curl "localhost:8080/tasks?status=failed"    # what was put aside
            """,
        port: 8080, keepsData: true, sources: taskQueueSources, scripts: taskQueueScripts)
}
