"""The portal, and the page of the services: what the other services answer, asked over HTTP as any client would."""
