public import WippyRuntime

extension AbsentKinds {
    /// Kinds that wippy has and wippy-swift does not have.
    public static let ofWippy = AbsentKinds(
        [
            "cloudstorage.s3", "config.aws", "contract.binding", "contract.definition", "contract.schema",
            "db.sql.mysql", "db.sql.postgres", "exec.docker", "exec.native", "fs.directory", "fs.embed",
            "function.wasm", "function.wat", "http.static", "ns.definition", "ns.dependency", "ns.requirement",
            "pg.scope", "process.wasm", "queue.driver.amqp", "queue.driver.sqs", "security.policy.expr",
            "security.token_store", "store.kv.crdt", "store.kv.raft", "store.sql", "template.jet", "template.set",
            "workflow.lua",
        ],
        families: ["db.cdc.", "network.", "temporal.", "view."],
        because: "wippy has it; wippy-swift does not support it yet")
}
