"""Inventory: what the lab keeps and where, who uses it, what happened and who must be told."""
