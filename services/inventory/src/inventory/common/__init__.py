"""Code that several features of inventory share."""
