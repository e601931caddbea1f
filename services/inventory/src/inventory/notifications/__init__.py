"""Notifications: the queue, and the worker that delivers what is in it."""
