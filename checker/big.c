/* See big.h. */
#include "checker/big.h"

#define BASE 1000000000u

void
mt_big_clear (MtBig *number)
{
  g_clear_pointer (&number->limbs, g_free);
  number->n = 0;
}

static void
push (MtBig *number, guint32 limb)
{
  number->limbs = g_renew (guint32, number->limbs, number->n + 1);
  number->limbs[number->n++] = limb;
}

void
mt_big_set (MtBig *number, guint32 value)
{
  mt_big_clear (number);
  for (; value; value /= BASE)
    push (number, value % BASE);
}

void
mt_big_add (MtBig *sum, const MtBig *other)
{
  guint32 carry = 0;
  for (guint i = 0; i < other->n || carry; i++)
    {
      guint32 limb = carry + (i < other->n ? other->limbs[i] : 0);
      if (i == sum->n)
        push (sum, 0);
      limb += sum->limbs[i];
      carry = limb >= BASE;
      sum->limbs[i] = carry ? limb - BASE : limb;
    }
}

void
mt_big_print (const MtBig *number, GString *out)
{
  if (number->n == 0)
    g_string_append_c (out, '0');
  for (guint i = number->n; i-- > 0;)
    g_string_append_printf (out, i == number->n - 1 ? "%u" : "%09u", number->limbs[i]);
}
