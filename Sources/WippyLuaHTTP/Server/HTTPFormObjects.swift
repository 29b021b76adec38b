import HTTPServing
import LuaEngine
import WippyLua

extension LuaStack {
    /// Pushes a form with `values` and `files`.
    ///
    /// A value is a text, or a list of texts if the name occurs several times. Files are always lists.
    func push(_ form: MultipartForm) {
        pushTable(fields: 2)
        pushTable(fields: form.parts.count)
        pushTable(fields: form.parts.count)
        let (values, files) = (count - 1, count)
        for part in form.parts {
            let isFile = part.fileName != nil
            let table = isFile ? files : values
            let before = pushField(part.name, at: table)
            if before != .table, isFile || before != .nil {
                // The second value turns the first one into a list.
                pushTable(elements: 2)
                if before != .nil {
                    pushCopy(of: -2)
                    setElement(1, at: -2)
                }
            }
            if isFile { push(ScriptFile(part), as: ScriptFile.type) } else { push(Array(part.content)) }
            if type(at: -2) == .table { setElement(length(at: -2) + 1, at: -2) }
            setField(part.name, at: table)
            setCount(files)
        }
        setField("files", at: values - 1)
        setField("values", at: values - 1)
    }
}

/// A file of a form.
private final class ScriptFile: Sendable {
    private let part: MultipartForm.Part

    init(_ part: MultipartForm.Part) {
        self.part = part
    }

    static let type: LuaObjectType<ScriptFile> = LuaObjectType(
        "http.MultipartFile",
        methods: [
            "name": { stack, file in stack.succeed(file.part.fileName ?? "") },
            "size": { stack, file in
                stack.push(Double(file.part.content.count))
                return stack.succeed()
            },
            "header": { stack, file in
                let name = HTTPFieldName(try stack.checkString(at: 2))
                if let value = name.flatMap({ file.part.fields[$0] }) { stack.push(value) } else { stack.pushNil() }
                return .one
            },
            "stream": { stack, file in
                stack.succeed(ScriptStream(Array(file.part.content)), as: ScriptStream.type)
            },
        ],
        text: { "http.MultipartFile{name=\($0.part.fileName ?? ""), size=\($0.part.content.count)}" })
}
