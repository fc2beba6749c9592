"""Visit numbers: short numbers that a person can say on the telephone, and what a seller sees of the visit behind one."""
