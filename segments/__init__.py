"""Who to speak to: customer profile, rules, scores and audiences."""
