import Wippy
import WippyCommand

@main
struct Streaming {
    static let handlers: [any Handler.Type] = [Download.self, Events.self, Upload.self]

    static func main() async {
        await Application.main(handlers: handlers)
    }
}
