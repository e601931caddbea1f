"""Signing in and out: at an OpenID Connect provider, or with a token that is pasted."""
