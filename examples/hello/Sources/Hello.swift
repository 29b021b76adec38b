import Wippy
import WippyCommand

@main
struct Hello {
    static let handlers: [any Handler.Type] = [Greet.self]

    static func main() async {
        await Application.main(handlers: handlers)
    }
}
