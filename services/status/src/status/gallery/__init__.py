"""The gallery: each part of which pages are made, with the code that calls it. It is shown if a setting says so."""
