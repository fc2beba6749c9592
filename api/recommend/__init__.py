"""Recommendations: what programs and forms ask, and how the answer is shown."""
