"""Benchmarks: each is measured against another way to do the same work, in one run on one machine."""
