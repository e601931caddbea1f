-- What the lab keeps, and where. A constraint is named <table>_<column>; violations.py says what breaking it means.

-- One sequence for all tables, so that a thing deleted and made again never repeats a version
create sequence version_number;

create function touch() returns trigger
language plpgsql set search_path from current as $$
begin
    new.version := nextval('version_number');
    new.updated_at := now();
    return new;
end $$;

-- An id that nobody has: the default of every id. Ids may also be chosen, so the sequence may point at a taken one.
create function free_id(kind regclass) returns integer
language plpgsql set search_path from current as $$
declare
    sequence regclass := pg_get_serial_sequence(kind::text, 'id');
    candidate integer;
    taken boolean;
begin
    loop
        candidate := nextval(sequence);
        execute format('select exists (select from %s where id = $1)', kind) into taken using candidate;
        if not taken then
            return candidate;
        end if;
    end loop;
end $$;

create function rfc3339(at timestamptz) returns text
language sql stable parallel safe
return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

create table site (
    id integer constraint site_pkey primary key,
    name text not null constraint site_name check (name ~ '\S' and char_length(name) <= 200),
    contact text constraint site_contact check (char_length(contact) <= 200),
    address text constraint site_address check (char_length(address) <= 1000),
    state_or_region text constraint site_state_or_region check (char_length(state_or_region) <= 200),
    country text constraint site_country check (char_length(country) <= 200),
    postcode_or_zip text constraint site_postcode_or_zip check (char_length(postcode_or_zip) <= 200),
    version bigint not null default nextval('version_number'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint site_id check (id > 0)
);
create sequence site_id_seq as integer owned by site.id;
alter table site alter id set default free_id('site');

create table freezer (
    id integer constraint freezer_pkey primary key,
    name text not null constraint freezer_name check (name ~ '\S' and char_length(name) <= 200),
    site_id integer not null constraint freezer_site_id_fkey references site on delete restrict,
    version bigint not null default nextval('version_number'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint freezer_id check (id > 0)
);
create sequence freezer_id_seq as integer owned by freezer.id;
alter table freezer alter id set default free_id('freezer');
create index freezer_site_id_index on freezer (site_id, id);

create table computer (
    id integer constraint computer_pkey primary key,
    name text not null constraint computer_name check (name ~ '\S' and char_length(name) <= 200),
    mac macaddr constraint computer_mac_key unique,
    site_id integer not null constraint computer_site_id_fkey references site on delete restrict,
    version bigint not null default nextval('version_number'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint computer_id check (id > 0)
);
create sequence computer_id_seq as integer owned by computer.id;
alter table computer alter id set default free_id('computer');
create index computer_site_id_index on computer (site_id, id);

create table container (
    id integer constraint container_pkey primary key,
    uuid uuid not null default gen_random_uuid() constraint container_uuid_key unique,
    description text not null default '' constraint container_description check (char_length(description) <= 10000),
    freezer_id integer not null constraint container_freezer_id_fkey references freezer on delete restrict,
    version bigint not null default nextval('version_number'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint container_id check (id > 0)
);
create sequence container_id_seq as integer owned by container.id;
alter table container alter id set default free_id('container');
create index container_freezer_id_index on container (freezer_id, id);

create trigger touch before update on site
for each row when (old.* is distinct from new.*) execute function touch();
create trigger touch before update on freezer
for each row when (old.* is distinct from new.*) execute function touch();
create trigger touch before update on computer
for each row when (old.* is distinct from new.*) execute function touch();
create trigger touch before update on container
for each row when (old.* is distinct from new.*) execute function touch();

create view instrument as
select
    computer.site_id,
    1 as rank,
    computer.id,
    computer.id as computer_id,
    null::integer as freezer_id,
    computer.name,
    site.name as site_name
from computer join site on site.id = computer.site_id
union all
select
    freezer.site_id,
    2 as rank,
    freezer.id,
    null::integer as computer_id,
    freezer.id as freezer_id,
    freezer.name,
    site.name as site_name
from freezer join site on site.id = freezer.site_id;

-- How each thing is shown: `represent` under /v1, `legacy` at its original path. The planner inlines them.

create function represent(it site) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'name', it.name, 'contact', it.contact, 'address', it.address,
    'state_or_region', it.state_or_region, 'country', it.country, 'postcode_or_zip', it.postcode_or_zip,
    'created_at', rfc3339(it.created_at), 'updated_at', rfc3339(it.updated_at)
);

create function legacy(it site) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'name', it.name, 'contact', it.contact, 'address', it.address,
    'state_or_region', it.state_or_region, 'country', it.country, 'postcode_or_zip', it.postcode_or_zip
);

create function represent(it freezer) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'name', it.name, 'site_id', it.site_id,
    'created_at', rfc3339(it.created_at), 'updated_at', rfc3339(it.updated_at)
);

create function legacy(it freezer) returns json language sql stable parallel safe
return json_build_object('id', it.id, 'name', it.name, 'site_id', it.site_id);

create function represent(it computer) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'name', it.name, 'mac', it.mac, 'site_id', it.site_id,
    'created_at', rfc3339(it.created_at), 'updated_at', rfc3339(it.updated_at)
);

create function legacy(it computer) returns json language sql stable parallel safe
return json_build_object('id', it.id, 'name', it.name, 'mac', it.mac, 'site_id', it.site_id);

create function represent(it container) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'uuid', it.uuid, 'description', it.description, 'freezer_id', it.freezer_id,
    'created_at', rfc3339(it.created_at), 'updated_at', rfc3339(it.updated_at)
);

create function legacy(it container) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'uuid', it.uuid, 'description', it.description, 'freezer_id', it.freezer_id
);

create function represent(it instrument) returns json language sql stable parallel safe
return json_build_object(
    'computer_id', it.computer_id, 'freezer_id', it.freezer_id, 'name', it.name,
    'site_id', it.site_id, 'site_name', it.site_name
);
