-- The demo lab. Each statement inserts the rows of one file, given as JSON.

-- name: now
-- The database's clock decides which notifications are due.
select now()

-- name: sites
insert into inventory.site (
    id, name, contact, address, state_or_region, country, postcode_or_zip, created_at, updated_at
)
select id, name, contact, address, state_or_region, country, postcode_or_zip, created_at, created_at
from json_to_recordset(%(rows)s) as given (
    id integer, name text, contact text, address text, state_or_region text, country text, postcode_or_zip text,
    created_at timestamptz
)

-- name: freezers
insert into inventory.freezer (id, name, site_id, created_at, updated_at)
select id, name, site_id, created_at, created_at
from json_to_recordset(%(rows)s) as given (id integer, name text, site_id integer, created_at timestamptz)

-- name: accounts
insert into inventory.account (id, username, email, active, created_at, updated_at)
select id, username, email, active, created_at, created_at
from json_to_recordset(%(rows)s) as given (
    id integer, username text, email text, active boolean, created_at timestamptz
)

-- name: computers
insert into inventory.computer (id, name, mac, site_id, created_at, updated_at)
select id, name, mac, site_id, created_at, created_at
from json_to_recordset(%(rows)s) as given (
    id integer, name text, mac macaddr, site_id integer, created_at timestamptz
)

-- name: containers
-- The default of the column gives the ids.
insert into inventory.container (uuid, description, freezer_id, created_at, updated_at)
select uuid, coalesce(description, ''), freezer_id, created_at, created_at
from json_to_recordset(%(rows)s) as given (
    uuid uuid, description text, freezer_id integer, created_at timestamptz
)

-- name: events
-- The notifications look as if a worker had delivered them, without a delivery. A delivery takes less than 0.1 s, and a
-- failed attempt 15 s, half of a worker's lease. The pause after the first failure is 1 s, and doubles. A person cancels
-- a notification after 3 h.
with given as (
    select
        *,
        case state when 'delivered' then attempts - 1 when 'pending' then attempts else 8 end as failures
    from json_to_recordset(%(rows)s) as given (
        id uuid, user_id text, description text, created_at timestamptz, state text, attempts integer
    )
),
timed as (
    select
        *,
        created_at + interval '1 ms' * (40 + char_length(description) %% 60)
            + interval '1 s' * (15 * failures + 2 ^ greatest(attempts - 1, 0) - 1) as attempted_at
    from given
),
event as (
    insert into inventory.event (id, user_id, description, created_at, updated_at)
    select id, user_id, description, created_at, created_at from given
    returning id, number
)
insert into inventory.notification (
    event_id, event_number, channel, state, attempts, failures, queued_at, due_at, scheduled_at, last_error, finished_at
)
select
    id, event.number, 'log', state, attempts, failures, created_at,
    case
        when state = 'delivered' then attempted_at + interval '30 s'
        when state = 'pending' and failures > 0 then now() + interval '90 s'
        when state = 'pending' then created_at
        else attempted_at
    end,
    least(attempted_at, now()),
    case when state <> 'delivered' and failures > 0 then 'The delivery did not end within 15 s' end,
    case state
        when 'delivered' then attempted_at
        when 'dead' then attempted_at
        when 'cancelled' then created_at + interval '3 h 12 min'
    end
from timed join event using (id)
order by event.number
