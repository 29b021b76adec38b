import Wippy
import WippyCommand

@main
struct Worker {
    static func main() async {
        await Application.main(handlers: [Schedule.self, Work.self])
    }
}
