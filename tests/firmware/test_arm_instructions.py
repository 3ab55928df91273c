"""The instructions of a run are those of each block of machine code, as often as it ran."""

from tools.arm_instructions import count_of

TRACE = b"""----------------
IN: _start
0x4000f8e0:  e59fa038  ldr      sl, [pc, #0x38]
0x4000f8e4:  e1a0000d  mov      r0, sp
0x4000f8e8:  fa000173  blx      #0x4000febc

Trace 0: 0x7f48100000c0 [00000480/4000f8e0/00000000/00000200] _start
----------------
IN:
0x4000febc:  f8df 265c  ldr.w    r2, [pc, #0x65c]

Trace 0: 0x7f48100001c0 [00800480/4000febc/00000000/00000200]
Trace 0: 0x7f48100000c0 [00000480/4000f8e0/00000000/00000200] _start
"""


def test_each_run_of_a_block_counts_all_of_its_instructions():
    assert count_of(TRACE.splitlines(keepends=True)) == 3 + 1 + 3
    assert count_of([]) == 0
