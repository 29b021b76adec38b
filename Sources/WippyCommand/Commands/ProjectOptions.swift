import Wippy

/// The options that every command has which reads the project.
struct ProjectOptions {
    static let descriptions: [CommandDescription.Option] = [
        .value(
            "override", letter: "o", "ns:entry:path=value",
            "Set a field of an entry; a list is [a, b] or a,b, a map {a: b}. May be given again, or more behind commas."
        ),
        .value("set", "section.path=value", "Set a value of the configuration file; may be given again."),
        .value("config", "file", "Read this configuration file instead of .wippy.yaml."),
        .flag("lenient", "Take unknown fields and ids declared twice as warnings."),
    ]

    let settings: Application.Settings

    init(_ arguments: ParsedArguments) {
        var settings = Application.Settings()
        settings.configuration = arguments.last("config")
        settings.overrides = arguments.all("override")
        settings.assignments = arguments.all("set")
        settings.isLenient = arguments.has("lenient")
        self.settings = settings
    }
}
