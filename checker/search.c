/* The list of searches. */
#include "checker/search.h"

const MtSearch *const mt_searches[] = {
  &mt_search_bfs,
  &mt_search_dfs,
  &mt_search_ipb,
  &mt_search_walk,
  NULL,
};

const MtSearch *
mt_search_find (const gchar *name)
{
  for (guint i = 0; mt_searches[i]; i++)
    if (g_str_equal (mt_searches[i]->name, name))
      return mt_searches[i];
  return NULL;
}
