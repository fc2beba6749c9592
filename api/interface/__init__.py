"""The description of the HTTP interface, as OpenAPI: what FastAPI finds out by itself, and what is told here.

Law: whatever comes as an answer is described, and what is described as a mistake is refused. `tests/api/interface`
holds it: every operation is tried with values of its description, and with others.
"""
