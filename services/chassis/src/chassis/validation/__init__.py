"""What a value must look like, and plain words for one that does not."""
