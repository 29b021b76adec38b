#include <sqlite3.h>

/* Stops the library from counting its memory, which takes a lock at each allocation. Call it before the first use. */
static inline int wippy_sqlite_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
