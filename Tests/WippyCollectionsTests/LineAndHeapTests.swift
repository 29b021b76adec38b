import Testing
import WippyCollections
import WippyTestTools

@Suite("Waiting lines and heaps")
struct LineAndHeapTests {
    @Test("A waiting line behaves as an array, whoever leaves it", arguments: [1, 2, 3] as [UInt64])
    func waitingLine(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var line = WaitingLine<Int>()
        var array: [Int] = []
        for ticket in 0..<5000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                line.append(ticket, ticket: ticket)
                array.append(ticket)
            case 5..<7:
                #expect(line.popFirst() == (array.isEmpty ? nil : array.removeFirst()))
            default:
                let leaving = array.randomElement(using: &random) ?? -1
                #expect(line.remove(leaving) == array.firstIndex(of: leaving).map { array.remove(at: $0) })
                #expect(line.remove(leaving) == nil)
            }
            #expect(line.first == array.first)
            #expect(line.isEmpty == array.isEmpty)
        }
        #expect(line.removeAll() == array)
        #expect(line.popFirst() == nil)
    }

    @Test("A heap gives its elements in order", arguments: 0..<20)
    func heapSorts(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var heap = Heap<Int>()
        var kept: [Int] = []
        for _ in 0..<1000 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let number = Int.random(in: 0..<100, using: &random)
                heap.insert(number)
                kept.append(number)
            } else {
                kept.sort()
                #expect(heap.popFirst() == (kept.isEmpty ? nil : kept.removeFirst()))
            }
            #expect(heap.first == kept.min())
            #expect(heap.count == kept.count)
        }
    }
}
