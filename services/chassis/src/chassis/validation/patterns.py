"""Patterns of text that several services use, and the error message of each."""

TEXT = r"^[^\x00]*$"
"""Pattern of text that PostgreSQL can hold."""
NOT_BLANK = r"^\s*[^\s\x00][^\x00]*$"
"""Pattern of text that is not blank."""
MAC_ADDRESS = r"^([0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{12})$"
"""Pattern of a MAC address, in its usual spellings."""
EMAIL = r"^[^@ \t\n\v\f\r\x00]+@[^@ \t\n\v\f\r\x00]+$"
"""Pattern of an e-mail address. It must not refuse an address that is stored; the database also checks new ones."""
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z"
"""Pattern of a name in a setting, such as the name of a feed."""
PROVIDER = r"^https?://[^\s?#]+\Z"
"""Pattern of the URL of an OpenID Connect provider."""
ISSUER = r"^(kubernetes|https?://[^\s?#]+)\Z"
"""Pattern of an issuer of tokens."""
SUBJECT = r"^((user|group):[^\x00-\x1f\x7f]+|serviceaccount:[a-z0-9-]+/[a-z0-9.-]+)\Z"
"""Pattern of somebody who can have a role."""

PATTERNS = {
    TEXT: "A NUL character cannot be stored",
    NOT_BLANK: "Text is needed here, not only white space, and without NUL characters",
    MAC_ADDRESS: "A MAC address is needed here, such as 08:00:2b:01:02:03",
    EMAIL: "An e-mail address is needed here, such as ada@example.org",
    NAME: "A name has 1 to 63 letters, digits, dots, underscores and hyphens, and begins with a letter or digit",
    PROVIDER: "The URL of a provider is needed here, such as https://id.lab.example",
    ISSUER: "An issuer is the URL of a provider, such as https://id.lab.example, or kubernetes for the cluster",
    SUBJECT: "Who has a role is written as user:<name>, group:<name> or serviceaccount:<namespace>/<name>",
}
"""Error message for text that does not match a pattern, by pattern."""

EXAMPLES = {
    TEXT: "Some text",
    NOT_BLANK: "A name",
    MAC_ADDRESS: "08:00:2b:01:02:03",
    NAME: "name",
}
"""Example of text that matches a pattern, by pattern."""

LIMITS = {
    TEXT: "no NUL character",
    NOT_BLANK: "not only white space",
    MAC_ADDRESS: "a MAC address",
    NAME: "letters, digits, dots, underscores and hyphens",
}
"""What a pattern allows, in a few words, by pattern."""
