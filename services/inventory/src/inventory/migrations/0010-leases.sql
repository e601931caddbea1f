-- A lease has a name of its own: what a worker records counts only while nobody has claimed, queued again or closed the
-- notification since. Failures are counted when they are recorded, not when a worker claims.
--
-- A worker of the release before counts in `attempts` when it claims, and tells its lease by `attempts` and `due_at`.
-- So a worker of this release compares `due_at` as well, and leaves `attempts` alone when it claims.
--
-- `scheduled_at` is when `due_at` was set. If that is later than now, the clock was set back, and `due_at` means nothing.

alter table notification
    add column lease uuid,
    add column failures integer not null default 0 constraint notification_failures check (failures >= 0),
    add column scheduled_at timestamptz not null default now();
