/// A message of the queue: an amount, and the number of times that the payment fails.
struct Payment: Codable {
    let amount: Int
    let failures: Int
}
