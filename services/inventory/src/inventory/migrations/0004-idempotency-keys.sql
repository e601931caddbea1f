-- What was answered to a creation that came with an Idempotency-Key, for its repetitions.

create table idempotency_key (
    route text not null,
    key text not null,
    digest bytea not null,
    location text,
    tag text,
    body text,
    created_at timestamptz not null default now(),
    constraint idempotency_key_pkey primary key (route, key)
);
create index idempotency_key_created_at_index on idempotency_key (created_at);
