"""Who somebody is and what they let an app do: sign-up, sign-in, sessions, OAuth apps and tokens, scopes, and mail."""
