"""A small lab as demo data: sites, freezers, computers, containers, accounts, and the events of a week."""
