"""Stock and purchase need: what is expected to be sold by model, what is there for it, and what to order by when."""
