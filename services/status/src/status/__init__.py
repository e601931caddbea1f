"""Status: the portal page, and the greeting at the root of the host."""
