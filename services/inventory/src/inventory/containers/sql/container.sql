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
-- Bytes of text in the rows before this one; their JSON is longer than that.
coalesce(
    sum(octet_length(description))
        over (order by id rows between unbounded preceding and 1 preceding),
    0
)

-- fragment: expected
-- The row, if it is at one of the versions that If-Match names; null means any version.
id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))

-- name: page
-- Ends early when its JSON is longer than `bytes`.
select id, {json}::text
from (
    select *, {before} as before
    from inventory.container
    where id > %(after)s
        and (%(freezer_id)s::integer is null or freezer_id = %(freezer_id)s)
    order by id
    limit %(rows)s
) as container
where before < %(bytes)s
order by id

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
