/// A value that a state keeps for Swift, such as a function to call or a table.
///
/// It belongs to one state. The state keeps the value until you release the reference.
public struct LuaReference {
    let key: Int32
}
