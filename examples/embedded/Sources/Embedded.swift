import WippyApplication
import WippyHTTP
import WippyProcess

/// A program that contains an application.
///
/// The program passes each line of its input to a function of the application. In the meantime, the application answers
/// requests. It stops when the input ends.
///
/// The program's arguments are overrides: `app:gateway:addr=127.0.0.1:0`.
@main
struct Embedded {
    static func main() async throws {
        var settings = Application.Settings()
        settings.overrides = Array(CommandLine.arguments.dropFirst())
        let application = Application(
            project: ".", handlers: [Shout.self, ShoutPage.self], kinds: HTTPKinds.all + ProcessKinds.all,
            settings: settings, log: Log(to: HandlerSink(handler: PrintingLogHandler())))

        try await application.run {
            let function = EntryID(namespace: "app", name: "shout")
            guard let link = application.registry.link(to: function, as: .function) else { return }
            let shout = LinkedFunction(link: link)
            while let line = readLine() {
                print(try await shout.call(encoding: line, returning: String.self))
            }
        }
        application.metrics.report(to: PrintingMetricsFactory())
    }
}
