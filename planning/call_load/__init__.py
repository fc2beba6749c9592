"""How many people must take the calls of a month, what missed calls cost, and how to move the people there are."""
