"""Reading a paged feed of transactions from HTTP or a directory: the whole feed, or none of it."""
