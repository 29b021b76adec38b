/* What Linux offers and Swift cannot call: prctl takes as many arguments as its first one says. */
#include <sys/prctl.h>

/* Sets a bit for each core that a process may run on, 0 being the caller's; 0 unless that fails. The system's header
   shows it to GNU sources only. */
int sched_getaffinity(int process, unsigned long size, void *set);

/* Makes this process the parent of whatever its descendants leave behind, or no longer; 0 unless that fails. */
static inline int adopt_orphans(int adopts) { return prctl(PR_SET_CHILD_SUBREAPER, adopts, 0, 0, 0); }

/* Names the calling thread for the system's tools, by 15 bytes at most; 0 unless that fails. */
static inline int name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
