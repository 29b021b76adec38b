#ifndef CWIPPYTRAPS_H
#define CWIPPYTRAPS_H

/// Returns the name of the entry whose code runs on the calling thread, or NULL. A signal's handler calls it.
typedef const char *_Nullable (*wippy_traps_entry)(void);

/// Makes a trap write one line to standard error before it ends the process.
///
/// The line has the signal, and the entry whose code ran.
///
/// After the line, the signal has its earlier effect. So the exit status, core dumps and backtraces stay the same. A
/// further call of this function has no effect.
void wippy_traps_report(wippy_traps_entry _Nonnull entry);

/// Gives the calling thread a second stack for the signal's handler, so that the line is written even after a stack
/// overflow.
///
/// It has no effect if traps are not reported, or if the thread has such a stack.
void wippy_traps_prepare_thread(void);

#endif
