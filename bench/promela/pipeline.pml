/* pipeline(S,K,M): M items go through S stages, each of which adds 1, with a channel of K places before each and behind the last.
 *
 *   -DS=stages -DK=places -DM=items
 */
chan q0 = [K] of { byte };
chan q1 = [K] of { byte };
chan q2 = [K] of { byte };
chan q3 = [K] of { byte };

active proctype source()
{
	byte i;
end:	do
	:: d_step { i < M && nfull(q0) -> q0!i; i = i + 1; if :: i == M -> i = 255 :: else fi }
	od
}

inline stage(from, to)
{
end:	do
	:: d_step { n > 0 && nempty(from) -> from?v };
	   d_step { nfull(to) -> to!(v + 1); v = 0; n = n - 1 }
	od
}

active proctype stage1() { byte n = M, v; stage(q0, q1) }
active proctype stage2() { byte n = M, v; stage(q1, q2) }
active proctype stage3() { byte n = M, v; stage(q2, q3) }

active proctype sink()
{
	byte i, v;
end:	do
	:: d_step { i < M && nempty(q3) -> q3?v; assert(v == i + 3); v = 0; i = i + 1; if :: i == M -> i = 255 :: else fi }
	od
}
