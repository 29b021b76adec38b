#include <sqlite3.h>

/* Has the library count no memory, for which it would take a lock at each allocation; before its first use only. */
static inline int wippy_sqlite_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
