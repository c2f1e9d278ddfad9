"""Tests of what the benchmarks claim about us, small enough to run always."""
