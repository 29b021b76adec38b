import Wippy
import WippyCommand

@main
struct TaskQueue {
    static func main() async {
        await Application.main(
            handlers: [CreateTask.self, ListTasks.self, Migrate.self, ProcessTask.self, StoreFailure.self])
    }
}
