public import WippyApplication
public import WippyLog
public import WippyRuntime

extension Application {
    /// Creates an application with the standard kinds, from a table of handlers.
    ///
    /// - Parameters:
    ///   - project: the path of the project's folder.
    ///   - handlers: the Swift handlers that entries can name.
    ///   - settings: the settings of the run. Default: the default settings.
    ///   - log: the log of the application. Default: nothing is logged.
    public init(project: String, handlers: HandlerTable, settings: Settings = Settings(), log: Log = .silent) {
        self.init(project: project, handlers: handlers, kinds: .standard, settings: settings, log: log)
    }

    /// Creates an application with the standard kinds, from a list of handlers.
    ///
    /// - Parameters:
    ///   - project: the path of the project's folder.
    ///   - handlers: the handlers, each under its own name.
    ///   - named: further handlers, each under the given name. Default: none.
    ///   - settings: the settings of the run. Default: the default settings.
    ///   - log: the log of the application. Default: nothing is logged.
    public init(
        project: String, handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        settings: Settings = Settings(), log: Log = .silent
    ) {
        self.init(
            project: project, handlers: handlers, named: named, kinds: .standard, settings: settings, log: log)
    }
}
