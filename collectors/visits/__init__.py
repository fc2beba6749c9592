"""Visit numbers: short numbers that a person can say on the phone, and what a seller sees of the visit behind one."""
