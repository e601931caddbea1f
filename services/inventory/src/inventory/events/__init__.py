"""Events: what happened."""
