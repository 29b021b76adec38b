import Wippy
import WippyCommand

/// An application whose handlers do what tests and benchmarks need to see from outside.
///
/// Its project is the folder that this file is in.
@main
struct Probe {
    static func main() async {
        await Application.main(handlers: [
            Block.self, Compose.self, Content.self, Counts.self, Echo.self, Enqueue.self, Keep.self, LastWord.self,
            Relay.self, Repeat.self, Sip.self, Small.self, Statement.self, Transaction.self, Trap.self, Unread.self,
            Wait.self,
        ])
    }
}
