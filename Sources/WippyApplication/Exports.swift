// A program that lists its kinds itself needs these for its handlers.
@_exported public import WippyDefinition
@_exported public import WippyLog
@_exported public import WippyRuntime
@_exported public import WippyText
@_exported public import WippyValues
// Only the waiting line of WippyCollections: other packages also have names such as `Deque`.
@_exported public import struct WippyCollections.WaitingLine
