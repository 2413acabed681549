-- Messages that make no case: who wrote them is forgotten when the time of evidence is over.

CREATE INDEX notices_unheeded ON notices (received_at) WHERE NOT heeded AND contact <> '';
