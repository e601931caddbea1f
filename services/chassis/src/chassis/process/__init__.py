"""What every process of Benchtop has: settings, logs, background tasks, readiness."""
