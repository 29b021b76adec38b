import Wippy
import WippyCommand

@main
struct Retries {
    static let handlers: [any Handler.Type] = [Order.self, Pay.self, Report.self]

    static func main() async {
        await Application.main(handlers: handlers)
    }
}
