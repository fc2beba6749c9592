"""Contractor work: briefs, tasks, versions of creatives and decisions on them, acts and invoices, in one chain."""
