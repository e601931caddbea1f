-- What is due on one channel is found however much waits on another, and the length of the queue is read from this index
-- alone, however many notifications were delivered. The release before uses notification_due_index.

create index notification_channel_due_index on notification (channel, due_at, id) include (queued_at)
where state = 'pending';
