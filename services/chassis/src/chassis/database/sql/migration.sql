-- Which migrations a schema has, and the lock that one process at a time holds to run them.

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
-- A file may take long once it has its locks: a table may be large.
select
    set_config('search_path', quote_ident(%(schema)s), true),
    set_config('lock_timeout', %(lock_timeout)s, true),
    set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)

-- name: lock
-- Goes with the transaction. The release before takes the same number as a session's lock: the two exclude each other.
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
