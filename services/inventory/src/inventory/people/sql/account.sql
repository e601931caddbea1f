-- Accounts of users.

-- fragment: columns
-- The columns that a client can set.
username, email, active

-- fragment: json
-- The response under /v1. Its text is a part of the ETag: changing it invalidates the ETags that clients have.
json_build_object(
    'id', account.id, 'username', account.username, 'email', account.email, 'active', account.active,
    'created_at', to_char(account.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(account.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: expected
-- The row, if it is at one of the versions that If-Match names; null means any version.
id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))

-- sort: id
id

-- sort: username
-- The first characters in lower case, so that a position is short.
lower(left(username, 50))
id

-- sort: email
-- The first characters in lower case, so that a position is short.
lower(left(email, 50))
id

-- sort: created_at
created_at
id

-- condition: q
concat_ws(' ', username, email) ~ all (%(q)s)

-- condition: active
active = %(active)s

-- list: page
select {position}, {json}::text
from inventory.account
where {following} and {conditions}
order by {order}
limit %(rows)s

-- list: count
select count(*) from inventory.account where {conditions}

-- name: get
select version, {json}::text from inventory.account where id = %(id)s

-- name: create
-- Returns no row if another transaction took the id at the same moment.
insert into inventory.account ({columns})
select {columns}
from jsonb_populate_record(null::inventory.account, %(fields)s::jsonb)
on conflict (id) do nothing
returning id, version, {json}::text

-- name: patch
-- A field that is absent from `fields` keeps its value.
update inventory.account
set ({columns}) = (select {columns} from jsonb_populate_record(account, %(fields)s::jsonb))
where {expected}
returning version, {json}::text

-- name: delete
delete from inventory.account where {expected} returning id

-- name: events
select count(*) from inventory.event where user_id = %(username)s
