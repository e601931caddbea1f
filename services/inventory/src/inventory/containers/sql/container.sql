-- Containers.

-- fragment: columns
-- The columns that a client can set.
uuid, description, freezer_id

-- fragment: json
-- The response under /v1. Its text is a part of the ETag: changing it invalidates the ETags that clients have.
json_build_object(
    'id', container.id, 'uuid', container.uuid, 'description', container.description,
    'freezer_id', container.freezer_id,
    'created_at', to_char(container.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(container.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: before
-- Bytes of text in the rows before this one on the page; their JSON is longer than that.
coalesce(
    sum(octet_length(description))
        over (order by {order} rows between unbounded preceding and 1 preceding),
    0
)

-- fragment: expected
-- The row, if it is at one of the versions that If-Match names; null means any version.
id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))

-- sort: id
id

-- sort: description
-- The first characters in lower case, so that a position is short.
lower(left(description, 50))
id

-- sort: created_at
created_at
id

-- sort: updated_at
updated_at
id

-- condition: q
-- Text that is ASCII is searched without the locale of the database, which takes half the time.
case when %(plain)s then lower(description collate "C") like all (%(like)s) else description ~ all (%(q)s) end
or (%(hex)s and uuid::text like all (%(like)s))

-- condition: freezer_id
freezer_id = %(freezer_id)s

-- condition: site_id
freezer_id in (select freezer.id from inventory.freezer where freezer.site_id = %(site_id)s)

-- list: found
-- The first rows that fulfil the conditions, in any order.
select id from inventory.container where {conditions} limit %(few)s

-- condition: found
id = any (%(found)s)

-- list: page
-- Ends early when its JSON is longer than `bytes`.
select {position}, {json}::text
from (
    select *, {before} as before
    from inventory.container
    where {following} and {conditions}
    order by {order}
    limit %(rows)s
) as container
where before < %(bytes)s
order by {order}

-- list: count
select count(*) from inventory.container where {conditions}

-- name: get
select version, {json}::text from inventory.container where id = %(id)s

-- name: create
-- Returns no row if another transaction took the id at the same moment.
insert into inventory.container ({columns})
select {columns}
from jsonb_populate_record(null::inventory.container, jsonb_build_object('uuid', gen_random_uuid()) || %(fields)s::jsonb)
on conflict (id) do nothing
returning id, version, {json}::text

-- name: patch
-- A field that is absent from `fields` keeps its value.
update inventory.container
set ({columns}) = (select {columns} from jsonb_populate_record(container, %(fields)s::jsonb))
where {expected}
returning version, {json}::text

-- name: delete
delete from inventory.container where {expected} returning id
