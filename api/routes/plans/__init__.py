"""Plans over HTTP: their versions, cells, splits, comparisons and facts, and their pages."""
