"""The library that all Benchtop services share. It imports none of them."""
