#ifndef CWIPPYTRAPS_H
#define CWIPPYTRAPS_H

/// Names the entry whose code runs on the calling thread, or NULL; it must be safe to call in a signal's handler.
typedef const char *_Nullable (*wippy_traps_entry)(void);

/// Has one line written to standard error before a trap ends the process: which signal, in which entry's code.
///
/// What was to happen at the signal happens after it, so the exit status, core dumps and backtraces stay as they were.
/// Call it once.
void wippy_traps_report(wippy_traps_entry _Nonnull entry);

/// Gives the calling thread a stack for the line, so that one is written when its own has overflowed.
///
/// Without effect unless traps are reported, and where the thread has such a stack.
void wippy_traps_prepare_thread(void);

#endif
