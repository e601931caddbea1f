-- A lease has a name of its own: what a worker records counts only while nobody has claimed, queued again or closed the
-- notification since. Failures are counted when they are recorded, not when a worker claims.
--
-- A worker of the release before counts in `attempts` when it claims, and tells its lease by `attempts` and `due_at`.
-- So a worker of this release compares `due_at` as well, and leaves `attempts` alone when it claims.

alter table notification
    add column lease uuid,
    add column failures integer not null default 0 constraint notification_failures check (failures >= 0);
