/// A value that a state keeps for Swift: a function to call, a table.
///
/// It belongs to its state and lasts as long, unless it is released.
public struct LuaReference {
    let key: Int32
}
