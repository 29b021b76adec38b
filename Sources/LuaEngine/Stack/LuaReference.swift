/// A value that a state keeps for Swift code, such as a function to call or a table.
///
/// A reference belongs to one state. The state keeps the value until you call ``LuaState/release(_:)``.
public struct LuaReference {
    let key: Int32
}
