-- How far the holder of a lease has read the feed. The holder writes it at most once a second.
-- A process of the release before leaves these columns as they are, so giving a lease back sets them to their defaults.
alter table refresh_lease
    add column pages bigint not null default 0 constraint refresh_lease_pages check (pages >= 0),
    add column rows bigint not null default 0 constraint refresh_lease_rows check (rows >= 0),
    add column expected_rows bigint constraint refresh_lease_expected_rows check (expected_rows >= 0);
