"""Status: the portal, and whether the platform is well."""
