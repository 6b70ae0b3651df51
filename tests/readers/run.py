"""Runs every test_*.py of this folder, or the named ones (`run.py test_dta`), and counts.

LOKET_EXPORTS names the folder that sync-server/examples/exports wrote; LOKET_BIN the server.
"""

import pathlib
import sys
import unittest


class Counting(unittest.TextTestResult):
    """Keeps the number of those that passed, which unittest does not."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    folder = pathlib.Path(__file__).parent
    sys.path.insert(0, str(folder))
    loader = unittest.defaultTestLoader
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names) if names else loader.discover(str(folder))
    result = unittest.TextTestRunner(resultclass=Counting, verbosity=1).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    print(f"{result.passed} passed, {failed} failed{skipped}")
    # No test at all is a fault of the set-up.
    return 0 if failed == 0 and result.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
