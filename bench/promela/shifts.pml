/* shifts(T,W,R): T tasks go over an array of W cells, R times each, and set every T-th cell to what its neighbour is, plus 1.
 *
 *   -DT=tasks -DW=cells -DR=rounds
 */
byte cell[W];

active [T] proctype task()
{
	byte i = _pid, a;
end:	do
	:: d_step { i < W * R -> a = cell[(i + 1) % W] };
	   d_step { cell[i % W] = (a + 1) % 4; a = 0; i = i + T; if :: i >= W * R -> i = 255 :: else fi }
	od
}
