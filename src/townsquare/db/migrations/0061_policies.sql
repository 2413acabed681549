-- Policies are changed by those who run the place: said in several languages, and every wording of them kept, for what was
-- decided by one stays readable as it was.

ALTER TABLE policies
    ADD COLUMN translations jsonb NOT NULL DEFAULT '{}',  -- by the code of a language: {name, text}
    ADD COLUMN version integer NOT NULL DEFAULT 1;

CREATE TABLE policy_versions (                     -- each as it was from then on; only added to
    policy text NOT NULL REFERENCES policies,
    version integer NOT NULL,
    state jsonb NOT NULL,                          -- the row of `policies`
    actor_id bigint NOT NULL DEFAULT 0,            -- 0: it came with the program
    made_at timestamptz NOT NULL,
    PRIMARY KEY (policy, version)
);

ALTER TABLE case_decisions ADD COLUMN policy_version integer NOT NULL DEFAULT 1;
ALTER TABLE statements ADD COLUMN policy_version integer NOT NULL DEFAULT 1;

UPDATE policies p SET translations = jsonb_build_object('de', jsonb_build_object('name', g.name, 'text', g.text))
FROM (VALUES
    ('violent-threat', 'Androhung von Gewalt', 'Du darfst niemandem Gewalt androhen, nicht zu ihr aufrufen und sie nicht feiern.'),
    ('terrorism', 'Terrorismus', 'Du darfst nichts veröffentlichen, was terroristische Gruppen herstellen, ihre Taten nicht loben und nicht für sie werben.'),
    ('child-safety', 'Schutz von Kindern', 'Du darfst Kinder nicht sexualisieren, missbrauchen oder gefährden und nichts weitergeben, was das tut.'),
    ('intimate-image', 'Intime Bilder', 'Du darfst keine intimen Bilder von jemandem teilen, der nicht eingewilligt hat, ob echt oder gemacht.'),
    ('self-harm', 'Selbstverletzung', 'Du darfst niemanden dazu bringen, sich etwas anzutun, und nicht zeigen, wie es geht.'),
    ('hate', 'Hass', 'Du darfst Menschen nicht dafür angreifen, was sie sind: Herkunft, Religion, Geschlecht, Behinderung, wen sie lieben.'),
    ('harassment', 'Belästigung', 'Du darfst niemandem nachstellen, niemanden beleidigen oder bloßstellen und keine anderen auf jemanden hetzen.'),
    ('private-data', 'Private Daten', 'Du darfst nicht gegen jemandes Willen veröffentlichen, wo er wohnt, wie man ihn erreicht oder wer er ist.'),
    ('fraud', 'Betrug', 'Du darfst niemanden um Geld, Daten oder Konto täuschen.'),
    ('illegal', 'Gegen das Gesetz', 'Du darfst nichts veröffentlichen, was das Gesetz verbietet.'),
    ('impersonation', 'Falsche Identität', 'Du darfst dich nicht als jemand anderes ausgeben.'),
    ('copyright', 'Urheberrecht', 'Du darfst ohne Erlaubnis nichts veröffentlichen, was anderen gehört.'),
    ('graphic', 'Drastische und freizügige Bilder', 'Du darfst Nacktheit und Blut nicht zeigen, ohne sie als heikel zu markieren.'),
    ('spam', 'Spam', 'Du darfst nicht wieder und wieder dasselbe veröffentlichen und nicht werben, wo niemand darum gebeten hat.'),
    ('other', 'Eine andere Regel dieses Ortes', 'Du darfst die Regeln nicht brechen, die sich dieser Ort gegeben hat.')
) AS g (code, name, text)
WHERE p.code = g.code;

INSERT INTO policy_versions (policy, version, state, made_at)
SELECT code, version, to_jsonb(p), updated_at FROM policies p;

CREATE TRIGGER policy_versions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_versions
EXECUTE FUNCTION case_history_stays();
