-- Who uses the lab's systems. (`user` is a reserved word.)

create table account (
    id integer constraint account_pkey primary key,
    username text not null constraint account_username check (username ~ '\S' and char_length(username) <= 200),
    email text not null constraint account_email check (email ~ '^[^@\s]+@[^@\s]+$' and char_length(email) <= 254),
    active boolean not null default true,
    version bigint not null default nextval('version_number'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint account_id check (id > 0)
);
create sequence account_id_seq as integer owned by account.id;
alter table account alter id set default free_id('account');
create unique index account_email_key on account (lower(email));

create trigger touch before update on account
for each row when (old.* is distinct from new.*) execute function touch();

create function represent(it account) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'username', it.username, 'email', it.email, 'active', it.active,
    'created_at', rfc3339(it.created_at), 'updated_at', rfc3339(it.updated_at)
);

create function legacy(it account) returns json language sql stable parallel safe
return json_build_object('id', it.id, 'username', it.username, 'email', it.email, 'active', it.active);
