/* Of functions that most runs never call. The compiler keeps them, and the code around a call of them, out of the way
 * of the rest, which then goes straight on: a step is so short that the jumps in it are much of what it takes. */
#pragma once

#define MT_RARE __attribute__ ((cold, noinline))
