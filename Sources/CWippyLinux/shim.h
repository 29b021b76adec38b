/* Functions of Linux that Swift cannot call. The first argument of prctl decides how many others it takes. */
#include <sys/prctl.h>

/* Sets a bit for each core on which a process may run. Process 0 is the calling thread. Returns 0 unless it fails. The
   system's header shows the function only to sources that define _GNU_SOURCE. */
int sched_getaffinity(int process, unsigned long size, void *set);

/* The first function makes a started program begin in a folder. The second one closes the program's descriptors from
   `first` on. Both return 0 unless they fail. The actions are a posix_spawn_file_actions_t. The system's header shows
   the functions only to sources that define _GNU_SOURCE. */
int posix_spawn_file_actions_addchdir_np(void *actions, const char *folder);
int posix_spawn_file_actions_addclosefrom_np(void *actions, int first);

/* Sets a parameter of malloc. KEPT_FREE_BYTES is the number of free bytes at the end of a heap that malloc keeps; more
   of them go back to the system. OWN_PAGES_SIZE is the size from which an allocation has pages of its own. Returns 1
   unless it fails. */
enum { KEPT_FREE_BYTES = -1, OWN_PAGES_SIZE = -3 };
int mallopt(int parameter, int value);

/* Makes this process the parent of its orphaned descendants, or ends that. Returns 0 unless it fails. */
static inline int adopt_orphans(int adopts) { return prctl(PR_SET_CHILD_SUBREAPER, adopts, 0, 0, 0); }

/* Names the calling thread for the system's tools, with at most 15 bytes. Returns 0 unless it fails. */
static inline int name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
