-- Who reads a feed now. No transaction is open while a feed is read, so this row is what keeps a second process from
-- reading it at the same time. Its holder renews it; when the holder has died, it expires.
create table refresh_lease (
    feed text not null constraint refresh_lease_pkey primary key,
    holder uuid not null,
    taken_at timestamptz not null,
    expires_at timestamptz not null
);
