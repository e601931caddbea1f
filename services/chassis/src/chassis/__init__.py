"""What every Benchtop service stands on: each module holds one concern, and imports none of the services."""
