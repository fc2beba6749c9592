"""The sample holding: a simulated dealer holding whose truth is known."""

from collectors.sample.simulate import SAMPLED, write_sample

__all__ = ["SAMPLED", "write_sample"]
