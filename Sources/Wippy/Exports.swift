// A handler's file needs only one import. WippyApplication exports the modules below the kinds.
@_exported public import EventLoops
@_exported public import HTTPServing
@_exported public import LuaEngine
@_exported public import WippyApplication
@_exported public import WippyEnvironment
@_exported public import WippyHTTP
@_exported public import WippyLoops
@_exported public import WippyLua
@_exported public import WippyLuaHTTP
@_exported public import WippyLuaQueue
@_exported public import WippyMessaging
@_exported public import WippyQueue
@_exported public import WippySQL
@_exported public import WippySQLQueue
@_exported public import WippySecurity
@_exported public import WippyStore
@_exported public import WippySystem
