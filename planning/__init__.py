"""What to spend and expect: plans, approvals, calculator, forecast and recommendations."""
