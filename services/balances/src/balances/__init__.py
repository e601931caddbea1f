"""Benchtop balances: daily balances and totals of bank transactions, to the cent."""
