import Wippy
import WippyCommand

@main
struct TaskQueue {
    static let handlers: [any Handler.Type] = [
        CreateTask.self, ListTasks.self, Migrate.self, ProcessTask.self, StoreFailure.self,
    ]

    static func main() async {
        await Application.main(handlers: handlers)
    }
}
