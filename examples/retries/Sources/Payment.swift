/// What stands in the queue: an amount, and how often paying it fails.
struct Payment: Codable {
    let amount: Int
    let failures: Int
}
