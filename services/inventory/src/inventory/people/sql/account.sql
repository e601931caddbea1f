-- Accounts: who uses the systems.

-- fragment: representation
-- How it is answered under /v1.
json_build_object(
    'id', account.id, 'username', account.username, 'email', account.email, 'active', account.active,
    'created_at', to_char(account.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(account.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: legacy
-- How it is answered at its original path.
json_build_object(
    'id', account.id, 'username', account.username, 'email', account.email, 'active', account.active
)

-- name: page
select id, {representation}::text
from inventory.account
where id > %(after)s
order by id
limit %(rows)s

-- name: get
select version, {representation}::text from inventory.account where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into inventory.account (username, email, active)
select p.username, p.email, coalesce(p.active, true)
from jsonb_populate_record(null::inventory.account, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, {representation}::text

-- name: patch
update inventory.account
set (username, email, active) = (
    select p.username, p.email, p.active
    from jsonb_populate_record(account, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, {representation}::text

-- name: delete
delete from inventory.account
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
-- One chunk of the list: how many, the last id, and their JSON.
select count(*), max(id), string_agg({legacy}::text, ', ' order by id)
from (select * from inventory.account where id > %(after)s order by id limit %(rows)s) as account

-- name: legacy_get
select {legacy}::text from inventory.account where id = %(id)s

-- name: admin_page
select id, username, email, active, created_at
from inventory.account
where id > %(after)s
order by id
limit %(rows)s
