/* T threads, each N times { r = g; g = r + 1 }: every access of g is one transition, and local work rides
 * along with it. Threads never die: they rest where no alternative is enabled. -DT=threads -DN=rounds */
#ifndef T
#define T 3
#endif
#ifndef N
#define N 7
#endif

byte g;

active [T] proctype thread()
{
	byte r;
	byte i = N;
end:	do
	:: d_step { i > 0 -> r = g }
	   d_step { g = r + 1; r = 0; i = i - 1 }
	od
}
