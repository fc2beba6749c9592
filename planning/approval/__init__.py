"""Approval of plans: who agrees to what in which order, as the holding has written it down."""
