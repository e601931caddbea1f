-- no transaction
-- Made while requests go on, so each statement stands by itself and may be run again.

-- What is due on one channel is found however much waits on another, and the length of the queue is read from this index
-- alone, however many notifications were delivered. The release before uses notification_due_index.
drop index concurrently if exists inventory.notification_channel_due_index;
create index concurrently notification_channel_due_index
on inventory.notification (channel, due_at, id) include (queued_at)
where state = 'pending';

-- The events that are not processed, in their order.
drop index concurrently if exists inventory.notification_open_index;
create index concurrently notification_open_index
on inventory.notification (event_number) where state in ('pending', 'dead');
