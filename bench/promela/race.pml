/* Two threads add N times to one global, unprotected: what models/race.yaml says, for SPIN's simulator.
 * The read, the write and the loop are statements of their own, so that the simulator may switch
 * between any two of them. */
#ifndef N
#define N 1000000
#endif

int g;

active [2] proctype work()
{
	int r;
	int i = N;
	do
	:: i > 0 -> r = g; g = r + 1; i = i - 1
	:: else -> break
	od
}
