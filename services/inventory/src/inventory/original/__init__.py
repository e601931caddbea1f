"""The paths of the original programs. Nothing else imports this package, so that it can be deleted as one folder."""
