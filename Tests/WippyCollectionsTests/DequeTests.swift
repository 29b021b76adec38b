import Testing
import WippyCollections

@Suite("Deque")
struct DequeTests {
    /// A deque whose head stands at some slot, and the same as an array.
    private func make(rotatedBy rotations: Int, count: Int) -> (Deque<Int>, [Int]) {
        var deque = Deque<Int>()
        for number in 0..<rotations {
            deque.append(number)
            _ = deque.popFirst()
        }
        for number in 0..<count { deque.append(number) }
        return (deque, Array(0..<count))
    }

    @Test("It does what an array does, wherever its head stands", arguments: 0..<20)
    func likeArray(rotations: Int) {
        for count in 0..<40 {
            for place in 0...count {
                var (deque, array) = make(rotatedBy: rotations, count: count)
                deque.insert(-1) { $0 >= place }
                array.insert(-1, at: place)
                #expect(deque.count == array.count)
                #expect(deque.first == array.first)
                #expect(deque.popFirst() == array.removeFirst())
                deque.append(-2)
                array.append(-2)
                var all = deque
                #expect(all.popAll() == array)
                #expect(all.isEmpty)
                for element in array { #expect(deque.popFirst() == element) }
                #expect(deque.popFirst() == nil)
            }
        }
    }

    @Test("One of many is emptied in order and can be used again")
    func ofMany() {
        var deque = Deque<Int>()
        for number in 0..<5000 { deque.append(number) }
        for number in 0..<5000 { #expect(deque.popFirst() == number) }
        deque.append(1)
        #expect(deque.popFirst() == 1)
        #expect(deque.isEmpty)
    }
}
