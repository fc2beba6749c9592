"""Speaking to them: consent, flows, messages, experiments and loyalty."""
