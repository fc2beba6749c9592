"""Contractor work: briefs, tasks and acts, over HTTP and as pages."""
