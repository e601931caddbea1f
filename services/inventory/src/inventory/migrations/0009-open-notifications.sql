-- What was pending or dead before 0008 gets the number of its event, too. A file of its own, so that no table is locked
-- meanwhile.

update notification
set event_number = event.number
from event
where event.id = notification.event_id and notification.event_number is null and notification.state in ('pending', 'dead');
