"""Leads that arrived here handed to a CRM, each once, with the number of the visit that they came from."""
