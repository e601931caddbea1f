"""What several features of inventory share."""
