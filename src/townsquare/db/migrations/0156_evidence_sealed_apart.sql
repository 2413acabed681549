-- Files of what is reported are sealed by hands of their own, a thing at a time: those that wait now have their jobs.

INSERT INTO jobs (queue, kind, payload)
SELECT 'evidence', 'FilesReported',
    json_build_object('source_id', w.source_id, 'kind', i.kind, 'item_id', i.item_id)::text
FROM (SELECT DISTINCT source_id FROM evidence_waits) w, LATERAL (
    SELECT kind, item_id FROM report_items WHERE report_id = w.source_id AND file_keys <> '{}'
    UNION SELECT kind, item_id FROM notice_items WHERE notice_id = w.source_id AND file_keys <> '{}'
    UNION SELECT kind, item_id FROM estimates WHERE id = w.source_id AND file_keys <> '{}'
) i;
