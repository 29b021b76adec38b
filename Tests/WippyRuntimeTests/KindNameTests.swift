import Testing
import WippyRuntime

@Suite("The name of a kind")
struct KindNameTests {
    @Test(
        "Its article fits how it is read",
        arguments: [
            ("queue.queue", "a queue.queue"), ("env.variable", "an env.variable"), ("http.router", "an http.router"),
            ("db.sql.sqlite", "a db.sql.sqlite"), ("store.memory", "a store.memory"), ("mqtt.broker", "an mqtt.broker"),
            ("image", "an image"), ("user.profile", "a user.profile"), ("unit", "a unit"), ("uuid", "a uuid"),
            ("upload", "an upload"), ("europe", "a europe"), ("unused.port", "an unused.port"),
        ])
    func article(name: String, words: String) {
        #expect(KindName(name).withArticle == words)
    }
}
