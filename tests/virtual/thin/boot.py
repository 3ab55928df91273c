"""What a board's own code does: FLASH TO_US TO_WORLD THIN [ROM]; mounts them, runs main.py.

THIN is an image of what stands for a board's own modules: their code is outside the heap, too.
"""

import sys

flash, to_us, to_world, thin = sys.argv[1:5]

import rom

rom.mount(thin, "/thin")
sys.path.insert(0, "/thin")

import pipe

pipe.join(to_us, to_world)

import machine  # noqa: F401  before the flash hides where they come from
import network  # noqa: F401
import socket  # noqa: F401
import time  # noqa: F401

import vfs

if sys.argv[5:]:
    rom.mount(sys.argv[5], "/rom")
del rom, sys.modules["rom"]
vfs.umount("/")
vfs.mount(vfs.VfsPosix(flash), "/")
sys.path[:] = ["", ".frozen", "/lib", "/rom", "/rom/lib"]
import gc

gc.collect()
pipe.tell(66, 0, gc.mem_alloc().to_bytes(4, "little"))
with open("/main.py") as file:
    text = file.read()
exec(text)  # noqa: S102
