-- A username is unique whatever its case, like an e-mail address. Where several accounts have the same one, the oldest
-- keeps it; each of the others gets its id behind it, as in `ada-7`, and a warning in PostgreSQL's log says so.

lock table account in share row exclusive mode;  -- else another one might be created while this file runs

do $$
declare
    double record;
    suffix text;
    renamed text;
begin
    for double in
        select id, username
        from (select *, row_number() over (partition by lower(username) order by id) as place from account) as account
        where place > 1
        order by id
    loop
        suffix := '';
        loop
            suffix := suffix || '-' || double.id;
            renamed := left(double.username, 200 - length(suffix)) || suffix;
            exit when not exists (select from account where lower(username) = lower(renamed));
        end loop;
        update account set username = renamed where id = double.id;
        raise warning 'Another account had the username % of account %, which is called % now.',
            double.username, double.id, renamed;
    end loop;
end $$;

create unique index account_username_key on account (lower(username));
