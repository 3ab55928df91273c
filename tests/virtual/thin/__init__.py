"""A real board's modules, each as thin as can be, with the world at the other end of two pipes.

So the firmware of a real board runs on a PC as it lies on a flash, main.py first, and the heap of
its MicroPython holds nothing of what surrounds it (tools/boxed.py is the world). MicroPython
only. boot.py begins.
"""
