import WippyCommandLine

extension ProjectTemplate {
    /// The template with a process and a queue.
    static let worker = ProjectTemplate(
        name: "worker",
        summary: "A process that publishes jobs, and a queue with a consumer that does them.",
        trial: """
            The application logs a line for each job, every ten seconds.
            """,
        sources: workerSources, scripts: workerScripts)
}
