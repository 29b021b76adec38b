/* Functions of Linux that Swift cannot call. The first argument of prctl decides how many others it takes. */
#include <sys/prctl.h>

/* Sets a bit for each core that a process may run on, 0 being the caller's; 0 unless that fails. The system's header
   shows it to GNU sources only. */
int sched_getaffinity(int process, unsigned long size, void *set);

/* Make a started program begin in a folder, and without the descriptors from a number on. Return 0 unless they fail.
   The actions are a posix_spawn_file_actions_t. The system's header shows the functions to GNU sources only. */
int posix_spawn_file_actions_addchdir_np(void *actions, const char *folder);
int posix_spawn_file_actions_addclosefrom_np(void *actions, int first);

/* Sets a parameter of malloc. The first two parameters are the free bytes at the end of a heap that go back to the
   system, and the size from which an allocation has pages of its own. Returns 1 unless it fails. */
enum { KEPT_FREE_BYTES = -1, OWN_PAGES_SIZE = -3 };
int mallopt(int parameter, int value);

/* Makes this process the parent of its orphaned descendants, or ends that. Returns 0 unless it fails. */
static inline int adopt_orphans(int adopts) { return prctl(PR_SET_CHILD_SUBREAPER, adopts, 0, 0, 0); }

/* Names the calling thread for the system's tools, with at most 15 bytes. Returns 0 unless it fails. */
static inline int name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
