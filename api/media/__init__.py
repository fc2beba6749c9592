"""Media plans and the marketing calendar, as pages and the API show them."""
