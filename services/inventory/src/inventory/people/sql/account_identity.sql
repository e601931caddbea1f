-- The accounts of the people who sign in.

-- name: find
-- The account that is linked to a person, and the account with the person's e-mail address: `free` if it can be linked, and
-- `taken` if another person is linked to it.
select account.id, account.username, account.active, 'linked'
from inventory.account_identity as identity
join inventory.account on account.id = identity.account_id
where identity.issuer = %(issuer)s and identity.subject = %(subject)s
union all
select account.id, account.username, account.active, case when identity.account_id is null then 'free' else 'taken' end
from inventory.account
left join inventory.account_identity as identity on identity.account_id = account.id
where lower(account.email) = lower(%(email)s)

-- name: link
-- Returns no row if another request has linked the account or the person meanwhile.
insert into inventory.account_identity (issuer, subject, account_id)
select %(issuer)s, %(subject)s, account.id
from inventory.account
where lower(account.email) = lower(%(email)s)
on conflict do nothing
returning account_id

-- name: add_account
-- Returns no row if another account has the username or the e-mail address. Without the condition, each attempt would take a
-- number of the sequence of ids.
insert into inventory.account (username, email)
select %(username)s, %(email)s
where not exists (
    select
    from inventory.account
    where lower(account.username) = lower(%(username)s) or lower(account.email) = lower(%(email)s)
)
on conflict do nothing
returning id

-- name: add_identity
insert into inventory.account_identity (issuer, subject, account_id)
values (%(issuer)s, %(subject)s, %(account_id)s)
on conflict do nothing
returning account_id

-- name: of_account
select issuer, subject, created_at from inventory.account_identity where account_id = %(account_id)s

-- name: unlink
delete from inventory.account_identity where account_id = %(account_id)s returning account_id
