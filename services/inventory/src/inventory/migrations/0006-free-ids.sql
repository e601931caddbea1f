-- An id that nobody has, in constant time: after an import of chosen ids, the sequence steps over all of them at once.

create or replace function free_id(kind regclass) returns integer
language plpgsql set search_path from current as $$
declare
    greatest_id constant integer := 2147483647;
    sequence regclass := pg_get_serial_sequence(kind::text, 'id');
    is_taken text := format('select exists (select from %s where id = $1)', kind);
    taken boolean;
    candidate integer;
    free integer;
    step bigint := 1;
    middle integer;
begin
    -- One or a few taken ids are stepped over one by one. Nobody waits for anybody here.
    for turn in 1..20 loop
        begin
            candidate := nextval(sequence);
        exception when sequence_generator_limit_exceeded then
            candidate := null;
            exit;
        end;
        execute is_taken into taken using candidate;
        if not taken then
            return candidate;
        end if;
    end loop;

    -- One transaction at a time moves the sequence. Another may have done so while this one waited.
    perform pg_advisory_xact_lock(kind::oid::bigint::bit(32)::integer, 0);
    begin
        candidate := nextval(sequence);
        execute is_taken into taken using candidate;
        if not taken then
            return candidate;
        end if;
    exception when sequence_generator_limit_exceeded then
        candidate := null;
    end;

    -- The end of the taken ids: look ahead by doubling steps until one is free, then halve the distance.
    if candidate is not null then
        loop
            free := least(candidate + step, greatest_id);
            execute is_taken into taken using free;
            exit when not taken or free = greatest_id;
            candidate := free;
            step := step * 2;
        end loop;
        if taken then
            free := null;
        end if;
        while free - candidate > 1 loop
            middle := candidate + (free - candidate) / 2;
            execute is_taken into taken using middle;
            if taken then
                candidate := middle;
            else
                free := middle;
            end if;
        end loop;
    end if;

    -- Nothing is free up to the greatest id: take the first gap.
    if free is null then
        execute format(
            'select id + 1 from (select id, lead(id) over (order by id) as following'
            ' from (select 0 as id union all select id from %s) as given) as pair'
            ' where following > id + 1 or (following is null and id < %s) order by id limit 1',
            kind, greatest_id
        ) into free;
    end if;
    if free is null then
        raise exception 'every id of % is taken', kind using errcode = 'sequence_generator_limit_exceeded';
    end if;
    perform setval(sequence, free);
    return free;
end $$;
