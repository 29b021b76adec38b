/// A property of a function or method that other code reads, such as the type of its result.
///
/// A program can define traits of its own.
public protocol LuaFunctionTrait: Sendable {}

/// The trait of a function that returns objects of a type.
public struct LuaResultTrait: LuaFunctionTrait {
    let type: ObjectTypeKey
}

extension LuaFunctionTrait where Self == LuaResultTrait {
    /// The first result of the function is an object of the type.
    ///
    /// If the function is a member of a module, ``LuaModule/functions`` also has the object's methods.
    public static func returns<Object>(_ type: LuaObjectType<Object>) -> Self { LuaResultTrait(type: type.key) }
}
