"""The sample holding: a simulated dealer holding whose truth is known."""

from collectors.sample.simulate import write_sample

__all__ = ["write_sample"]
