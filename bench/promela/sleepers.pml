/* sleepers(N,R,X): virtual time. N threads, R rounds each: sleep for 2 + i ticks, lock(m) with a timeout of X ticks; who gets it
 * { r = g; sleeps for 1; g = r + 1 } and unlocks; who does not gives the round up. A wait's timer is armed by the step before it.
 *
 * Time is a countdown per thread (0: none). The clock ticks only when nothing else can move (SPIN's `timeout`), by the smallest timer.
 *
 *   -DN=threads -DR=rounds -DX=lock timeout in ticks
 */
byte timer[N];		/* 0: the first sleep; 1: none; else ticks left, and 1 */
byte going = N;		/* threads with rounds left: tells nothing new */
bit m;
byte g;

#define LEFT(k)		(timer[k] == 0 -> 2 + (k) : timer[k] - 1)
#define ARM(n)		timer[_pid] = (n) + 1
#define NEXT_ROUND	i = i - 1; if :: i > 0 -> ARM(2 + _pid) :: else -> timer[_pid] = 1; going = going - 1 fi

active [N] proctype thread()
{
	byte i = R, r;
end:	do
	:: d_step { i > 0 && LEFT(_pid) == 0 -> ARM(X) };
	   if
	   :: d_step { m == 0 -> m = 1; timer[_pid] = 1 };
	      d_step { r = g; ARM(1) };
	      LEFT(_pid) == 0;
	      d_step { g = r + 1; r = 0 };
	      d_step { m = 0; NEXT_ROUND }
	   :: d_step { m != 0 && LEFT(_pid) == 0 -> NEXT_ROUND }
	   fi
	od
}

active proctype clock()
{
	byte k, d;
end:	do
	:: d_step {
		timeout && going > 0 -> d = 255; k = 0;
		do
		:: k >= N -> break
		:: k < N ->
			if
			:: LEFT(k) > 0 && LEFT(k) < d -> d = LEFT(k)
			:: else
			fi;
			k = k + 1
		od;
		k = 0;
		do
		:: k >= N -> break
		:: k < N ->
			if
			:: LEFT(k) > 0 -> timer[k] = LEFT(k) - d + 1
			:: else
			fi;
			k = k + 1
		od;
		k = 0; d = 0 }
	od
}
