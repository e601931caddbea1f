-- Notifications that could not be delivered.

-- name: count
select count(*) from inventory.notification where state = 'dead'
