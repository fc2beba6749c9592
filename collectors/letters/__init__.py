"""Letters that sites and classifieds write about a request: read by templates."""
