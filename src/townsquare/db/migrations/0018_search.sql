-- Searching: words without their accents, what posts have beside words, the latest first, people by what they say.

CREATE EXTENSION IF NOT EXISTS unaccent;

-- In lower case and without accents. The rules of the dictionary are part of PostgreSQL and do not change, so that an
-- index may rest on it.
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length($1) = char_length($1) THEN lower($1)
        ELSE lower(unaccent('unaccent'::regdictionary, $1)) END;

-- The same with a space around each letter of the scripts that put none between words (Chinese, Japanese, Korean, Thai,
-- Lao, Burmese, Khmer): there each letter is a term, and a word a phrase.
CREATE FUNCTION search_text(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length($1) = char_length($1) THEN lower($1)
        ELSE regexp_replace(folded($1),
            '([\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\uff66-\uff9d\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff])',
            ' \1 ', 'g') END;

-- Posts are entered anew with what these functions and the new marks say: by a job, the latest first.
TRUNCATE status_search;
DROP INDEX status_search_terms;
-- What waits to be sorted into the index is read by every search: a little of it only.
CREATE INDEX status_search_terms ON status_search USING gin (terms) WITH (gin_pending_list_limit = 512);
CREATE INDEX status_search_latest ON status_search (status_id DESC) INCLUDE (account_id);
INSERT INTO jobs (queue, kind, payload) SELECT 'default', 'SearchLacks', '{}' WHERE EXISTS (SELECT FROM statuses);

-- Who was mentioned may find the post again.
CREATE INDEX mentions_of ON mentions (mentioned_id, status_id DESC) INCLUDE (account_id);

-- People by their names without accents, also with a letter wrong, and by what they say of themselves.
DROP INDEX accounts_search;
CREATE INDEX accounts_search ON accounts USING gin (folded(username || ' ' || display_name) gin_trgm_ops);
CREATE FUNCTION profile_text(username text, display_name text, note text, fields jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN search_text(regexp_replace(
        username || ' ' || display_name || ' ' || note || ' ' || jsonb_path_query_array(fields, '$[*].*')::text,
        '<[^>]*>|[\[\],"\\]', ' ', 'g'));
CREATE INDEX accounts_profile ON accounts USING gin (to_tsvector('simple', profile_text(username, display_name, note, fields)))
    WHERE discoverable;
