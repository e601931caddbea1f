-- Events at the original paths.

-- fragment: json
json_build_object(
    'event_id', event.id, 'user_id', event.user_id, 'description', event.description, 'status', event.status
)

-- fragment: before
-- Bytes of text in the rows before this one; their JSON is longer than that.
coalesce(
    sum(octet_length(event.description)) over (order by event.number rows between unbounded preceding and 1 preceding),
    0
)

-- name: list
-- One chunk of the complete list: number of rows, last number, JSON. Ends early when the JSON is longer than `bytes`.
select count(*), max(number), string_agg({json}::text, ', ' order by number)
from (
    select event.*, {before} as before
    from (select * from inventory.event_with_status where number > %(after)s order by number limit %(rows)s) as event
) as event
where before < %(bytes)s

-- name: get
select {json}::text from inventory.event_with_status as event where id = %(id)s
