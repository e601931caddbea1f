-- Waking the workers when a notification is queued.

-- name: notify
-- Sent when the transaction commits. Workers also look for work by themselves every few seconds.
select pg_notify('inventory_notification', '')

-- name: listen
listen inventory_notification
