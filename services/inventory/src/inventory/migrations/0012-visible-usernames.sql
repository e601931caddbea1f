-- A username has no characters that are not seen, for nobody could tell it from another: Unicode's format characters
-- (category Cf), the combining grapheme joiner and the Hangul fillers. Accounts that have one already stay as they are
-- until they are changed; then their username must be changed too.

alter table account add constraint account_username_visible check (
    username !~ (
        '[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e'
        || '\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f'
        || '\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]'
    )
) not valid;
