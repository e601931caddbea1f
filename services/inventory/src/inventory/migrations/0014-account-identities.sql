-- Whose tokens belong to which account: the issuer and the subject of the person who signs in. A person has one account, and
-- an account belongs to one person: whoever was linked first. The release before does not read this table.

create table account_identity (
    issuer text not null constraint account_identity_issuer check (char_length(issuer) <= 1000),
    subject text not null constraint account_identity_subject check (char_length(subject) <= 255),
    account_id integer not null constraint account_identity_account_id_key unique,
    created_at timestamptz not null default now(),
    constraint account_identity_pkey primary key (issuer, subject),
    constraint account_identity_account_id_fkey foreign key (account_id) references account on delete cascade
);
