"""Channels, identity, journeys, models, costs and reports."""
