/// A Swift function that scripts can call.
final class HostFunction: Sendable {
    let name: String
    let body: LuaBody

    init(_ name: String, _ body: @escaping LuaBody) {
        self.name = name
        self.body = body
    }
}
