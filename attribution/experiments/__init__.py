"""Experiments with channels: switched on or off, here and not there or now and not then, to see what they bring."""
