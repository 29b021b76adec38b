import Wippy
import WippyCommand

@main
struct Worker {
    static let handlers: [any Handler.Type] = [Schedule.self, Work.self]

    static func main() async {
        await Application.main(handlers: handlers)
    }
}
