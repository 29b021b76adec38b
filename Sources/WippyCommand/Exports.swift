// The main file of a program, and the file of a command, need only this import.
@_exported public import Wippy
@_exported public import WippyCommandLine
