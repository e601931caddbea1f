"""How much the lab keeps: the numbers for an overview."""
