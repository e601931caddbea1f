"""The page about the person who is signed in."""
