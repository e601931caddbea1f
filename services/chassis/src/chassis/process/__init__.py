"""Parts that every process needs: settings, logs, background tasks, readiness."""
