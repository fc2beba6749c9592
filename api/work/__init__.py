"""Contractor work over HTTP and as pages: what the API tells, what pages show, and what their forms tell."""
