"""Timings, run by hand: ``python -m benchmarks.NAME``. Each prints medians and ratios; none of them is a test."""
