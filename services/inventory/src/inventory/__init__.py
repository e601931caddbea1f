"""Inventory: sites, equipment and containers of the lab, its users, and events with their notifications."""
