"""Anomalies: what channels, dealers, contractors, sources and pages do that they would hardly do by chance."""
