/* What Linux offers and Swift cannot call: prctl takes as many arguments as its first one says, and the header shows
   sched_getaffinity to GNU sources only. */
#include <sched.h>
#include <sys/prctl.h>

int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set);

/* Makes this process the parent of whatever its descendants leave behind, or no longer; 0 unless that fails. */
static inline int adopt_orphans(int adopts) { return prctl(PR_SET_CHILD_SUBREAPER, adopts, 0, 0, 0); }

/* Names the calling thread for the system's tools, by 15 bytes at most; 0 unless that fails. */
static inline int name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
