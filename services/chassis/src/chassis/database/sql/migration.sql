-- The migrations that a schema has, and the lock that makes processes run them one at a time.

-- name: has_schema
select to_regnamespace(quote_ident(%(schema)s)) is not null

-- name: has_table
select to_regclass(quote_ident(%(schema)s) || '.schema_migration') is not null

-- name: create_table
create table schema_migration (
    name text primary key,
    digest text not null,
    applied_at timestamptz not null default now()
)

-- name: settings
-- Once a file has its locks it may take long, because a table may be large: so no statement_timeout.
select
    set_config('search_path', quote_ident(%(schema)s), true),
    set_config('lock_timeout', %(lock_timeout)s, true),
    set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)

-- name: lock
-- Released at the end of the transaction. The previous release takes the same number as a session lock, so the two exclude
-- each other.
select pg_try_advisory_xact_lock(hashtextextended('benchtop migrations of ' || %(schema)s, 0))

-- name: holder
select pid
from pg_locks
where
    locktype = 'advisory'
    and granted
    and database = (select oid from pg_database where datname = current_database())
    and classid::bigint = (hashtextextended('benchtop migrations of ' || %(schema)s, 0) >> 32) & 4294967295
    and objid::bigint = hashtextextended('benchtop migrations of ' || %(schema)s, 0) & 4294967295

-- name: applied
select name, digest from schema_migration

-- name: digest
select digest from schema_migration where name = %(name)s

-- name: record
insert into schema_migration (name, digest) values (%(name)s, %(digest)s)
