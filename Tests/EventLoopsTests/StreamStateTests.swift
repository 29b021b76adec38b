import Testing

@testable import EventLoops

struct StreamStateTests {
    @Test("Reading pauses and goes on until the peer ends")
    func reading() {
        var state = StreamState.open(.paused, .open)
        #expect(state.pauseReading() == false)
        #expect(state.startReading() == true)
        #expect(state.startReading() == false)
        #expect(state.pauseReading() == true)
        #expect(state.startReading() == true)
        state.endReading()
        #expect(state.pauseReading() == false)
        #expect(state.startReading() == false)
        #expect(state.acceptsBytes)
        #expect(!state.isOver)
    }

    @Test("The end of writing is sent once, after what was queued")
    func writing() {
        var state = StreamState.open(.paused, .open)
        #expect(state.beginEnd() == false)
        #expect(state.finishWriting() == true)
        #expect(state.finishWriting() == false)
        #expect(!state.acceptsBytes)
        state.endWriting()
        #expect(state.beginEnd() == true)
        #expect(state.beginEnd() == false)
        state.endWriting()
        #expect(state.isOpen)
        #expect(!state.isOver)
        state.endReading()
        #expect(state.isOver)
    }

    @Test("It is closed once, and then nothing is done any more")
    func closing() {
        var state = StreamState.open(.going, .finishing)
        #expect(state.close(.loopsShutDown) == true)
        #expect(state.close(nil) == false)
        #expect(state.error == .loopsShutDown)
        state.endReading()
        state.endWriting()
        #expect(state.startReading() == false)
        #expect(state.pauseReading() == false)
        #expect(state.finishWriting() == false)
        #expect(state.beginEnd() == false)
        #expect(!state.isOpen)
        #expect(!state.acceptsBytes)
        #expect(!state.isOver)
    }
}
