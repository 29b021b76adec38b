/// What became of a text that was composed into located nodes.
struct ComposedText {
    /// What it holds; nil when it is empty or was given up.
    var root: Node?
    /// What is wrong with it.
    var problems: [Diagnostic] = []
    /// Whether it was given up: then nobody knows all that it holds.
    var wasAbandoned = false

    /// Reads a file: as JSON if its name says so, else as YAML.
    static func compose(_ file: SourceFile, limits: SourceLimits = .standard) -> ComposedText {
        file.path.namesJSON
            ? JSONComposer.compose(file, limits: limits) : YAMLComposer.compose(file, limits: limits)
    }
}
