import LuaEngine
import WippyRuntime
import WippyValues

extension ScriptModule {
    /// `payload`: values in the form that calls and messages carry.
    static let payload = ScriptModule(
        "payload",
        [
            .function("new") { stack in
                let content = try stack.payloadContent(at: 1)
                return stack.give(ScriptPayload(content), as: ScriptPayload.type)
            },
            .table(
                "format",
                [
                    .value("JSON", .string(ScriptPayload.json)), .value("YAML", "yaml/plain"),
                    .value("STRING", "text/plain"), .value("BYTES", "application/octet-stream"),
                    .value("MSGPACK", "application/msgpack"), .value("LUA", .string(ScriptPayload.lua)),
                    .value("GOLANG", "golang/any"), .value("ERROR", .string(ScriptPayload.error)),
                ]),
        ],
        isListed: false)
}

/// A value in one of the forms that calls and messages carry.
final class ScriptPayload: Sendable {
    enum Content: Sendable {
        case copy(LuaCopy)
        case json([UInt8])
        case error(LuaError)
    }

    fileprivate static let lua = "lua/any"
    fileprivate static let json = "json/plain"
    fileprivate static let error = "golang/error"

    static let type: LuaObjectType<ScriptPayload> = LuaObjectType(
        "payload.Payload",
        methods: [
            "get_format": { stack, payload in stack.give(payload.format) },
            "data": { stack, payload in
                switch payload.content {
                case .copy(let copy): try stack.push(copy)
                case .json(let text): stack.push(text)
                case .error(let error): stack.push(error)
                }
                return stack.succeed()
            },
            "unmarshal": { stack, payload in
                switch payload.content {
                case .copy(let copy): try stack.push(copy)
                case .error(let error): stack.push(error)
                case .json(let text):
                    do throws(LuaJSON.ReadingError) {
                        try LuaJSON.decode(text.span, onto: stack)
                    } catch {
                        return stack.fail(.internal("\(error)"))
                    }
                }
                return stack.succeed()
            },
            "transcode": { stack, payload in
                let format = try stack.checkString(at: 2)
                do throws(WippyError) {
                    if case .copy(let copy) = payload.content, !format.utf8.elementsEqual(lua.utf8) {
                        _ = try copy.value
                    }
                } catch {
                    return stack.fail(.invalid(error.message))
                }
                guard let content = payload.transcoded(to: format, on: stack) else {
                    return stack.fail(.internal("a payload of '\(payload.format)' cannot become '\(format)'"))
                }
                return stack.succeed(ScriptPayload(content), as: type)
            },
        ],
        text: { "payload{\($0.format)}" }, keepsArguments: true)

    private let content: Content

    init(_ content: Content) {
        self.content = content
    }

    private var format: String {
        switch content {
        case .copy: Self.lua
        case .json: Self.json
        case .error: Self.error
        }
    }

    /// Returns the content in another form; nil if the content cannot have this form.
    private func transcoded(to wanted: String, on stack: LuaStack) -> Content? {
        if wanted.utf8.elementsEqual(format.utf8) { return content }
        switch content {
        case .copy(let copy) where wanted.utf8.elementsEqual(Self.json.utf8):
            return (try? JSON.encode(copy.value)).map(Content.json)
        case .json(let text) where wanted.utf8.elementsEqual(Self.lua.utf8):
            return (try? JSON.decode(text)).map { .copy(LuaCopy($0)) }
        default: return nil
        }
    }
}

extension LuaStack {
    /// The value at a position, as the content of a payload.
    fileprivate func payloadContent(at index: Int) throws(LuaRaise) -> ScriptPayload.Content {
        if let error = error(at: index) { return .error(error) }
        return .copy(try copy(at: index))
    }
}
