"""Run the test modules named on the command line under MicroPython: no fixtures, plain asserts.

tests/test_on_micropython.py calls this for each; by hand: `make test ARGS="-k micropython"`.
"""

import gc
import sys

sys.path.pop(0)  # this file's folder: tests/firmware would hide firmware/
passed = failed = 0
for name in sys.argv[1:]:
    module = __import__(name)
    for attribute in sorted(dir(module)):
        if not attribute.startswith("test_"):
            continue
        gc.collect()  # what one test left behind is not the next one's out-of-memory
        try:
            getattr(module, attribute)()
            passed += 1
        except Exception as error:
            failed += 1
            print("FAIL", name, attribute)
            sys.print_exception(error)
print("micropython:", passed, "passed,", failed, "failed")
sys.exit(0 if passed and not failed else 1)  # a run of nothing is a failure
