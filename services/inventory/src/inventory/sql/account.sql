-- Accounts: who uses the systems.

-- name: page
select id, represent(account)::text
from account
where id > %(after)s
order by id
limit %(rows)s

-- name: get
select version, represent(account)::text from account where id = %(id)s

-- name: create
-- No row comes back if somebody else took the id at the same moment.
insert into account (username, email, active)
select p.username, p.email, coalesce(p.active, true)
from jsonb_populate_record(null::account, %(fields)s::jsonb) as p
on conflict (id) do nothing
returning id, version, represent(account)::text

-- name: patch
update account
set (username, email, active) = (
    select p.username, p.email, p.active
    from jsonb_populate_record(account, %(fields)s::jsonb) as p
)
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning version, represent(account)::text

-- name: delete
delete from account
where id = %(id)s and (%(versions)s::bigint[] is null or version = any (%(versions)s::bigint[]))
returning id

-- name: legacy_list
select coalesce(json_agg(legacy(slice.account) order by (slice.account).id), '[]')::text
from (select account from account order by id offset %(offset)s limit %(limit)s) as slice

-- name: legacy_get
select legacy(account)::text from account where id = %(id)s

-- name: admin_page
select id, username, email, active, created_at
from account
where id > %(after)s
order by id
limit %(rows)s
