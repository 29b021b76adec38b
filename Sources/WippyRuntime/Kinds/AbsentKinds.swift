import WippyText

/// The kinds that wippy has and wippy-swift does not, so that their entries are refused by name.
enum AbsentKinds {
    private static let names: Set<ExactText> = [
        "cloudstorage.s3", "config.aws", "contract.binding", "contract.definition", "contract.schema", "db.sql.mysql",
        "db.sql.postgres", "exec.docker", "exec.native", "fs.directory", "fs.embed",
        "function.wasm", "function.wat", "http.static", "ns.definition", "ns.dependency", "ns.requirement", "pg.scope",
        "process.wasm", "queue.driver.amqp", "queue.driver.sqs", "security.policy", "security.policy.expr",
        "security.token_store", "store.kv.crdt", "store.kv.raft", "store.memory", "store.sql", "template.jet",
        "template.set", "terminal.host", "workflow.lua",
    ]

    private static let families = ["db.cdc.", "network.", "temporal.", "view."]

    /// Whether wippy has a kind of the name.
    static func contain(_ name: String) -> Bool {
        names.contains(ExactText(name)) || families.contains { name.hasExactPrefix($0) }
    }
}
