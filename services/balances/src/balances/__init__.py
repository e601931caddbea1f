"""Benchtop balances: what the money did, from paged bank feeds, exactly."""
