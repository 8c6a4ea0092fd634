"""One deal from quote to paid, played through the public HTTP surface only.

`make demo` shows it; the scenario, fault and benchmark suites play the same steps and check what they
answer.
"""
