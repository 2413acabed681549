-- Who has no picture is shown as a house on the square, by their id (accounts/faces.py), and no more as the same grey face as
-- everybody else: in what is stored of them, and of whoever has moved to them. Who is suspended keeps the grey one.

UPDATE accounts SET body = convert_to(regexp_replace(
    convert_from(body, 'UTF8'),
    '/static/avatar\.png","avatar_static":"([^"]*)/static/avatar\.png"',
    format('/static/faces/%s.png","avatar_static":"\1/static/faces/%s.png"', id % 480, id % 480)), 'UTF8')
WHERE avatar_key IS NULL AND avatar_url IS NULL AND suspended_at IS NULL;

UPDATE accounts a SET body = convert_to(regexp_replace(
    convert_from(a.body, 'UTF8'),
    '("moved":\{.*)/static/avatar\.png","avatar_static":"([^"]*)/static/avatar\.png"',
    format('\1/static/faces/%s.png","avatar_static":"\2/static/faces/%s.png"', t.id % 480, t.id % 480)), 'UTF8')
FROM accounts t
WHERE t.id = a.moved_to_id AND t.avatar_key IS NULL AND t.avatar_url IS NULL AND t.suspended_at IS NULL;
