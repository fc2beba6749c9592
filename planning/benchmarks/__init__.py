"""Benchmarks: funnels and figures of competitors, of what is published, and of the holding, side by side."""
