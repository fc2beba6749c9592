"""The budget calculator: from wanted sales to the budget they need, or from a budget to the sales it brings."""
