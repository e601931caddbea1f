"""Containers: tubes, boxes and bottles in freezers."""
