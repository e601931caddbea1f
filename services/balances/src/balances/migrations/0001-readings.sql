-- The last complete reading of each feed, and what was computed from it. A constraint is named <table>_<column>.
-- Amounts are in the currency's units; `digits` is how many digits after the point they may have.

create table reading (
    id bigint generated always as identity constraint reading_pkey primary key,
    feed text not null constraint reading_feed_key unique,
    fetched_at timestamptz not null,
    pages bigint not null constraint reading_pages check (pages > 0),
    rows bigint not null constraint reading_rows check (rows >= 0),
    total_count bigint not null constraint reading_total_count check (total_count = rows),
    digest text not null constraint reading_digest check (digest ~ '^[0-9a-f]{64}$'),
    currency text not null constraint reading_currency check (currency ~ '^[A-Z]{3}$'),
    digits smallint not null constraint reading_digits check (digits between 0 and 4),
    total numeric not null constraint reading_total check (coalesce(scale(total) <= digits, false)),
    total_if_repeats_removed numeric not null
        constraint reading_total_if_repeats_removed check (coalesce(scale(total_if_repeats_removed) <= digits, false)),
    constraint reading_id_digits_key unique (id, digits)
);

-- What every answer says of the reading that it rests on.
create function represent(it reading) returns json language sql stable parallel safe
return json_build_object(
    'feed', it.feed,
    'currency', it.currency,
    'total', it.total::text,
    'total_if_repeats_removed', it.total_if_repeats_removed::text,
    'proof', json_build_object(
        'feed', it.feed, 'pages', it.pages, 'rows', it.rows, 'total_count', it.total_count, 'digest', it.digest,
        'fetched_at', to_char(it.fetched_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'complete', true
    )
);

-- References wait for the end of the transaction: the rows of a reading arrive before it is known to be complete.
create table transaction (
    reading_id bigint not null,
    digits smallint not null,
    position bigint not null constraint transaction_position check (position > 0),
    date date not null,
    category text not null constraint transaction_category check (char_length(category) <= 500),
    amount numeric not null constraint transaction_amount check (coalesce(scale(amount) <= digits, false)),
    vendor text not null constraint transaction_vendor check (char_length(vendor) <= 500),
    constraint transaction_pkey primary key (reading_id, position),
    constraint transaction_reading_id_fkey foreign key (reading_id, digits) references reading (id, digits)
        on delete cascade deferrable initially deferred
);
create index transaction_category_index on transaction (reading_id, category, position);

create table day (
    reading_id bigint not null constraint day_reading_id_fkey references reading
        on delete cascade deferrable initially deferred,
    position bigint not null constraint day_position check (position > 0),
    date date not null,
    transactions bigint not null constraint day_transactions check (transactions > 0),
    amount numeric not null,
    balance numeric not null,
    constraint day_pkey primary key (reading_id, position),
    constraint day_date_key unique (reading_id, date)
);

create table category (
    reading_id bigint not null constraint category_reading_id_fkey references reading
        on delete cascade deferrable initially deferred,
    position bigint not null constraint category_position check (position > 0),
    name text not null,
    transactions bigint not null constraint category_transactions check (transactions > 0),
    total numeric not null,
    constraint category_pkey primary key (reading_id, position),
    constraint category_name_key unique (reading_id, name)
);

create table vendor (
    reading_id bigint not null constraint vendor_reading_id_fkey references reading
        on delete cascade deferrable initially deferred,
    position bigint not null constraint vendor_position check (position > 0),
    raw text not null,
    clean text not null,
    kind text not null constraint vendor_kind check (kind in ('vendor', 'payment')),
    confidence text not null constraint vendor_confidence check (confidence in ('high', 'medium', 'low')),
    rules text[] not null,
    transactions bigint not null constraint vendor_transactions check (transactions > 0),
    total numeric not null,
    constraint vendor_pkey primary key (reading_id, position),
    constraint vendor_raw_key unique (reading_id, raw)
);

create table repeat (
    reading_id bigint not null constraint repeat_reading_id_fkey references reading
        on delete cascade deferrable initially deferred,
    position bigint not null constraint repeat_position check (position > 0),
    date date not null,
    category text not null,
    amount numeric not null,
    vendor text not null,
    count bigint not null constraint repeat_count check (count > 1),
    excess numeric not null constraint repeat_excess check (excess = amount * (count - 1)),
    occurrences jsonb not null constraint repeat_occurrences check (jsonb_array_length(occurrences) = count),
    adjacent boolean not null,
    out_of_order boolean not null,
    constraint repeat_pkey primary key (reading_id, position)
);

-- How the last attempt at each feed ended; an attempt that failed leaves the reading before it in place.
create table refresh (
    feed text not null constraint refresh_pkey primary key,
    finished_at timestamptz not null default now(),
    seconds double precision not null constraint refresh_seconds check (seconds >= 0),
    outcome text not null
        constraint refresh_outcome check (outcome in ('complete', 'unreachable', 'invalid', 'inconsistent')),
    detail text not null
);
