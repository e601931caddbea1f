-- Rows that the bank has not booked yet: `rows` counts them, `total` does not, and `transaction` does not have them.
alter table reading
    add column pending bigint not null default 0
        constraint reading_pending check (pending between 0 and rows),
    add column pending_total numeric not null default 0
        constraint reading_pending_total check (coalesce(scale(pending_total) <= digits, false));
