-- Events: what happened.

-- fragment: representation
-- How it is answered under /v1.
json_build_object(
    'id', event.id, 'user_id', event.user_id,
    'account_id', (select account.id from inventory.account where lower(account.username) = lower(event.user_id)),
    'description', event.description, 'status', event.status,
    'created_at', to_char(event.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(event.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: legacy
-- How it is answered at its original path.
json_build_object(
    'event_id', event.id, 'user_id', event.user_id, 'description', event.description, 'status', event.status
)

-- fragment: before
-- How many bytes of text the rows before this one hold: their JSON is longer than that.
coalesce(
    sum(octet_length(event.description)) over (order by event.number rows between unbounded preceding and 1 preceding),
    0
)

-- fragment: following
-- Where a page goes on, and how far the list is settled (sql/settled.sql).
event.number > %(after)s and event.number <= %(settled)s

-- fragment: page_end
-- A page is cut once its JSON is longer than `bytes`.
    order by event.number
    limit %(rows)s
) as event
where event.before < %(bytes)s
order by event.number

-- name: page
select number, {representation}::text
from (
    select event.*, {before} as before
    from inventory.event_with_status as event
    where {following} and (%(status)s::text is null or event.status = %(status)s)
{page_end}

-- name: page_of_user
-- A statement of its own, so that its plan is made for the index of a user's events.
select number, {representation}::text
from (
    select event.*, {before} as before
    from inventory.event_with_status as event
    where {following}
        and event.user_id = %(user_id)s
        and (%(status)s::text is null or event.status = %(status)s)
{page_end}

-- name: page_not_processed
-- By the index of the open notifications: what it costs does not grow with the events that are processed. (An event
-- without any notification is not found; only a person could make one.)
select number, {representation}::text
from (
    select event.*, {before} as before
    from (
        select distinct event_number
        from inventory.notification
        where state in ('pending', 'dead') and event_number > %(after)s and event_number <= %(settled)s
    ) as open
    join inventory.event_with_status as event on event.number = open.event_number
    where event.status = 'NotProcessed'
{page_end}

-- name: page_not_processed_of_user
select number, {representation}::text
from (
    select event.*, {before} as before
    from inventory.event_with_status as event
    where {following}
        and event.user_id = %(user_id)s
        and event.status = 'NotProcessed'
        and exists (
            select
            from inventory.notification
            where notification.event_number = event.number and notification.state in ('pending', 'dead')
        )
{page_end}

-- name: get
select {representation}::text from inventory.event_with_status as event where id = %(id)s

-- name: create
-- One statement, so that no event is without its notification.
with new as (
    insert into inventory.event (user_id, description)
    values (%(user_id)s, %(description)s)
    returning id, number
),
queued as (
    insert into inventory.notification (event_id, event_number, channel) select id, number, 'log' from new
)
select id from new

-- name: update
update inventory.event
set user_id = coalesce(%(user_id)s, user_id), description = coalesce(%(description)s, description), updated_at = now()
where id = %(id)s
returning id

-- name: close
-- By hand: nobody is told any more. What a worker has in hand is under no lease from here on.
update inventory.notification
set state = 'cancelled', lease = null, finished_at = now()
where event_id = %(id)s and state in ('pending', 'dead')

-- name: reopen
-- A worker that has the event in hand may be telling its text of before: that lease ends, and it is told again. What
-- waits already keeps its place in time.
update inventory.notification
set
    state = 'pending', attempts = 0, failures = 0, due_at = now(), scheduled_at = now(), lease = null, last_error = null,
    finished_at = null,
    queued_at = case state when 'pending' then queued_at else now() end
where event_id = %(id)s

-- name: legacy_list
-- One chunk of the list: how many, the last number, and their JSON; cut once that is longer than `bytes`.
select count(*), max(number), string_agg({legacy}::text, ', ' order by number)
from (
    select event.*, {before} as before
    from (select * from inventory.event_with_status where number > %(after)s order by number limit %(rows)s) as event
) as event
where before < %(bytes)s

-- name: legacy_get
select {legacy}::text from inventory.event_with_status as event where id = %(id)s
