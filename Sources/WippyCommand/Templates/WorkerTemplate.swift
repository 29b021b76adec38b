extension ProjectTemplate {
    /// A process and a queue.
    static let worker = ProjectTemplate(
        name: "worker",
        summary: "A process that publishes a job now and then, and a queue whose consumer does the work.",
        trial: """
            Its log has a line for each job, one in ten seconds.
            """,
        port: nil, keepsData: false, sources: workerSources, scripts: workerScripts)
}
