-- no transaction
-- Made while requests go on, so each statement stands by itself and may be run again.

-- The orders of the list of containers. A position in the order of descriptions has the first 50 characters in lower case.
drop index concurrently if exists inventory.container_description_index;
create index concurrently container_description_index on inventory.container (lower(left(description, 50)), id);

drop index concurrently if exists inventory.container_created_at_index;
create index concurrently container_created_at_index on inventory.container (created_at, id);

drop index concurrently if exists inventory.container_updated_at_index;
create index concurrently container_updated_at_index on inventory.container (updated_at, id);
