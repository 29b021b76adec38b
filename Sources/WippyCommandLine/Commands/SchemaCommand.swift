/// `schema`: prints the JSON Schema of the definition files, for editors.
struct SchemaCommand: Command {
    static let name = "schema"
    static let summary = "Print a JSON Schema of the definition files, for editors: kinds, fields and their help."
    static let discussion = """
        If there is an application in this folder, the schema has its kinds and handlers. Write the schema to a file.
        The first line of each definition file names that file for the YAML language server:

            # yaml-language-server: $schema=../schema.json
        """

    private let tool: CommandLineTool

    init(from options: inout OptionReader) {
        options.settingsFile()
        tool = options.tool
    }

    func run() throws -> Int32 {
        try Console.out(tool.definitionSchema)
        return 0
    }
}
