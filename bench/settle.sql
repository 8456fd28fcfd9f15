-- The yardstick of settlement: one PL/pgSQL function of the same footprint as
-- one doorstep settlement of Yinling, on the same tables: it reads receipt,
-- bill, visit, person, groups, coverage, benefit, accumulators, pauses and
-- institution; it writes decision with an explanation of the same length,
-- bill, its moment, two accumulators under their guard, voucher, two postings,
-- charge, a job for each 32, audit event and receipt. It computes nothing, hashes nothing
-- and takes its numbers from sequences, so it waits for no chain head.
CREATE SEQUENCE IF NOT EXISTS bench_visit MINVALUE 0 START 0;
CREATE SEQUENCE IF NOT EXISTS bench_seq START 1000000000;
CREATE TABLE IF NOT EXISTS bench_sample (input TEXT, output TEXT, explain TEXT, lines TEXT, takes TEXT, funds TEXT);
CREATE OR REPLACE FUNCTION bench_settle(first BIGINT) RETURNS TEXT LANGUAGE plpgsql AS $$
DECLARE
  r TEXT := '320700'; vid TEXT; v care_visit; p person_person; c person_coverage; b benefit_benefit; i institution_institution;
  s bench_sample; n BIGINT; dec TEXT; no BIGINT; ms BIGINT := 1719277200000;
BEGIN
  no := nextval('bench_visit') + first;
  vid := 'v' || lpad(no::text, 8, '0');
  PERFORM 1 FROM audit_receipt WHERE region = r AND key = vid;
  PERFORM 1 FROM claim_bill WHERE region = r AND visit = vid;
  SELECT * INTO v FROM care_visit AS x WHERE x.region = r AND x.id = vid;
  SELECT * INTO p FROM person_person AS x WHERE x.region = r AND x.id = v.person;
  PERFORM 1 FROM person_group WHERE region = r AND person = v.person;
  SELECT * INTO c FROM person_coverage AS x WHERE x.region = r AND x.person = v.person;
  SELECT * INTO b FROM benefit_benefit AS x WHERE x.region = r AND x.person = v.person;
  SELECT COUNT(*) INTO n FROM benefit_used AS x WHERE x.region = r AND x.person = v.person AND until_day >= '2024-01-01';
  PERFORM 1 FROM benefit_pause WHERE region = r AND person = v.person;
  SELECT * INTO i FROM institution_institution AS x WHERE x.region = r AND x.id = v.institution;
  SELECT * INTO s FROM bench_sample LIMIT 1;
  dec := md5(vid);
  INSERT INTO audit_decision VALUES (r, dec, 'claim.quote', vid, v.on_day, '1', 'hash', s.input, s.output, s.explain, ms);
  INSERT INTO claim_bill (region, visit, person, institution, staff, on_day, mode, minutes, started, held, status, version, round, total, fund, person_fen,
    funds, lines, takes, decision, note, quoted_at, confirmed_by, confirmed_at, settled_at, pending_until, asked_by, month, offset_month)
    VALUES (r, vid, v.person, v.institution, v.staff, v.on_day, v.mode, 60, v.begin_at, FALSE, 'settled', 1, 1, 6500, 5200, 1300,
    s.funds, s.lines, s.takes, dec, '', ms, 'a', ms, ms, ms, '', '', '');
  INSERT INTO claim_moment VALUES (r, v.person, v.begin_at / 60000, v.institution, 0, vid, E'L01\nL05\nL08\nL10\nL15');
  INSERT INTO benefit_used AS u (region, person, cap, period, until_day, used, max) VALUES (r, v.person, 'home-hours', '2024-06', '2024-06-30', 1000000, 30000000), (r, v.person, 'home-month', '2024-06', '2024-06-30', 5200, 180000)
    ON CONFLICT (region, person, cap, period) DO UPDATE SET used = u.used + excluded.used WHERE u.used + excluded.used <= excluded.max;
  n := nextval('bench_seq');
  INSERT INTO fund_voucher VALUES (r, 'ltci', 7, n, '2024-06', '', v.on_day, 'settle', 'settle/' || vid || '-1/ltci', vid, '', '居家上门护理结算', 'a', ms);
  INSERT INTO fund_posting (region, book, lane, seq, no, month, kind, account, party, fen, prev, hash) VALUES
    (r, 'ltci', 7, n * 2, n, '2024-06', 'settle', '5001', v.institution, 5200, 'x', md5(n::text) || md5(vid)),
    (r, 'ltci', 7, n * 2 + 1, n, '2024-06', 'settle', '2001', v.institution, -5200, 'x', md5(n::text) || md5(vid));
  INSERT INTO claim_charge VALUES (r, vid || '-1', vid, 1, v.person, v.institution, 1300, 'open', '', '', '', ms, 0);
  IF no % 32 = 0 THEN
    INSERT INTO job_job VALUES (r, md5(vid || 'j'), 'claim.settled', vid || '-1', '{}', ms, 0, 0, 0, '', ms);
  END IF;
  INSERT INTO audit_event VALUES (r, 7, n, ms, '+08:00', 'a' || v.person, 'citizen', '', '127.0.0.1', 'claim.settle', vid, 'done', '', md5(n::text) || md5(vid));
  INSERT INTO audit_receipt VALUES (r, 'a' || v.person, vid, 'claim.settle', md5(vid) || md5(vid), '{"visit":"' || vid || '","total_fen":6500,"fund_fen":5200,"person_fen":1300,"voucher":"x","decision":"' || dec || '"}', ms);
  RETURN vid;
END $$;
