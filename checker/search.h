/* The searches: one visiting order a row, one row a file under search/. To add one, copy
 * search/bfs.c and add its line to search.c. */
#pragma once
#include "checker/explore.h"

/* NULL-terminated; the first is the default. */
extern const MtSearch *const mt_searches[];
extern const MtSearch mt_search_bfs, mt_search_dfs, mt_search_ipb, mt_search_walk;

const MtSearch *mt_search_find (const gchar *name);
