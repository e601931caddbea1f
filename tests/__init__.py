"""The tests. This module keeps an installed package of the same name, such as that of Canaille, from hiding them."""
