// A handler's file needs only one import.
@_exported public import EventLoops
@_exported public import HTTPServing
@_exported public import LuaEngine
@_exported public import WippyDefinition
@_exported public import WippyEnvironment
@_exported public import WippyHTTP
@_exported public import WippyLog
@_exported public import WippyLoops
@_exported public import WippyLua
@_exported public import WippyQueue
@_exported public import WippyRuntime
@_exported public import WippySQL
@_exported public import WippySQLQueue
@_exported public import WippyStore
@_exported public import WippySystem
@_exported public import WippyText
@_exported public import WippyValues
