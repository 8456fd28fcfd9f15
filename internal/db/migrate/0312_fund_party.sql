-- 0312 (runs with 0310+): 往来科目到结账月为止的累计，按往来单位和凭证种类；对账不用每次翻整本账
-- +goose Up
CREATE TABLE fund_party (            -- 应付机构、应付亲情护理、应追回款：已结账各月的累计，结账时加上去
  region TEXT NOT NULL, book TEXT NOT NULL, account TEXT NOT NULL,
  party TEXT NOT NULL, kind TEXT NOT NULL,
  fen BIGINT NOT NULL,
  PRIMARY KEY (region, book, account, party, kind)
);
INSERT INTO fund_party (region, book, account, party, kind, fen)
  SELECT p.region, p.book, p.account, p.party, p.kind, CAST(SUM(p.fen) AS BIGINT)
  FROM fund_posting p JOIN fund_head h ON h.region = p.region AND h.book = p.book AND h.lane = 0
  WHERE p.month <= h.closed AND p.account IN ('1201', '2101', '2102') GROUP BY p.region, p.book, p.account, p.party, p.kind;
-- +goose Down
DROP TABLE fund_party;
