-- Computers.

-- fragment: columns
-- The columns that a client can set.
name, mac, site_id

-- fragment: json
-- The response under /v1. Its text is a part of the ETag: changing it invalidates the ETags that clients have.
json_build_object(
    'id', computer.id, 'name', computer.name, 'mac', computer.mac, 'site_id', computer.site_id,
    'created_at', to_char(computer.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(computer.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: expected
-- The row, if it is at one of the versions that If-Match names; null means any version.
id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))

-- sort: id
id

-- sort: name
-- The first characters in lower case, so that a position is short.
lower(left(name, 50))
id

-- sort: created_at
created_at
id

-- sort: updated_at
updated_at
id

-- condition: q
concat_ws(' ', name, mac) ~ all (%(q)s)

-- condition: site_id
site_id = %(site_id)s

-- list: page
select {position}, {json}::text
from inventory.computer
where {following} and {conditions}
order by {order}
limit %(rows)s

-- list: count
select count(*) from inventory.computer where {conditions}

-- name: get
select version, {json}::text from inventory.computer where id = %(id)s

-- name: create
-- Returns no row if another transaction took the id at the same moment.
insert into inventory.computer ({columns})
select {columns}
from jsonb_populate_record(null::inventory.computer, %(fields)s::jsonb)
on conflict (id) do nothing
returning id, version, {json}::text

-- name: patch
-- A field that is absent from `fields` keeps its value.
update inventory.computer
set ({columns}) = (select {columns} from jsonb_populate_record(computer, %(fields)s::jsonb))
where {expected}
returning version, {json}::text

-- name: delete
delete from inventory.computer where {expected} returning id
