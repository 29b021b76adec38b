import Wippy
import WippyCommand

@main
struct Hello {
    static func main() async {
        await Application.main(handlers: [Greet.self])
    }
}
