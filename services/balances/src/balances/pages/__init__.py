"""The pages for people under /ui: they read what the API reads, and show it as HTML and CSV."""
