"""Co-op funds over HTTP and as pages: who acts for whom, what pages show, and what their forms tell."""
