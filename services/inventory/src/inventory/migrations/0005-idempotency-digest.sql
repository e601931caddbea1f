-- The digest of the body as it was sent. `digest` is of the body as it was understood, defaults included, so another
-- release may compute another one. The release before compares it; a later one drops it.

alter table idempotency_key add column sent_digest bytea;
