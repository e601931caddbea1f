"""The look of every page: layout, forms, lists, times, static files, security headers, and error pages."""
