import Wippy
import WippyCommand

@main
struct Notes {
    static let handlers: [any Handler.Type] = [
        AddNote.self, ListNotes.self, Measure.self, Migrate.self, StoreNote.self,
    ]

    static func main() async {
        await Application.main(handlers: handlers)
    }
}
