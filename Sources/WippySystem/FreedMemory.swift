import CWippyLinux

/// Memory that the program has freed.
public enum FreedMemory {
    /// Makes the program keep freed memory for its next allocations.
    ///
    /// Call it once, before the program has threads.
    ///
    /// - Parameter bytes: the number of free bytes that a heap may have at its end before it gives memory back to the
    ///   system. A larger allocation can get memory of its own, which goes back to the system when it is freed.
    public static func keep(_ bytes: Int32) {
        mallopt(Int32(KEPT_FREE_BYTES), bytes)
        mallopt(Int32(OWN_PAGES_SIZE), bytes)
    }
}
