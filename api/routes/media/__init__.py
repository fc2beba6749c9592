"""Media plans and the marketing calendar: the API and the pages."""
