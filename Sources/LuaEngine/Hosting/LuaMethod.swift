/// A method of the objects of a type: a name and a body.
public struct LuaMethod<Object: AnyObject>: Sendable {
    /// The code of a method.
    ///
    /// It receives the stack, whose first value is the object, and the object itself.
    public typealias Body = @Sendable (LuaStack, Object) throws -> LuaVerdict

    let name: String

    /// The code; nil if the method does not work yet.
    let body: Body?

    let traits: [any LuaFunctionTrait]

    /// Creates a method.
    ///
    /// - Parameters:
    ///   - name: the method's name.
    ///   - traits: what tools know of the method. Default: nothing.
    ///   - body: the code of the method.
    public static func method(
        _ name: String, traits: [any LuaFunctionTrait] = [], _ body: @escaping Body
    ) -> LuaMethod {
        LuaMethod(name: name, body: body, traits: traits)
    }

    /// Creates a method that does not work yet.
    ///
    /// Each call returns nil and an error of the kind `Invalid`, such as `funcs.Executor:with_actor is not supported
    /// yet`.
    public static func absent(_ name: String) -> LuaMethod { LuaMethod(name: name, body: nil, traits: []) }
}
