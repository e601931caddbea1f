"""Ways to deliver a notification."""
