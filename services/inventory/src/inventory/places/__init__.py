"""Sites, and the freezers at them."""
