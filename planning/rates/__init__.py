"""What leads cost, and how many of them become visits and sales, where data are few: by dealer, channel and season."""
