-- Migration 1: the whole thread. Editable rows carry rev (the last operation that touched them) and
-- retired (the operation that took them out); nothing is deleted. See docs/architecture.md.

CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE key_counter(kind TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT;

CREATE TABLE operation(
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, member TEXT NOT NULL, at TEXT NOT NULL,
  verb TEXT NOT NULL, ids_json TEXT NOT NULL, nature TEXT NOT NULL CHECK(nature IN ('do','undo','redo')),
  undoes INTEGER REFERENCES operation(seq), schema INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE INDEX operation_member ON operation(member, seq);
CREATE TABLE change(
  pk INTEGER PRIMARY KEY, op INTEGER NOT NULL REFERENCES operation(seq), tbl TEXT NOT NULL, row_id TEXT NOT NULL,
  before TEXT, after TEXT, salt BLOB, mac TEXT NOT NULL) STRICT;
CREATE INDEX change_op ON change(op);
CREATE INDEX change_row ON change(row_id);
CREATE TABLE reason(op INTEGER PRIMARY KEY REFERENCES operation(seq), text TEXT, salt BLOB) STRICT;
CREATE TRIGGER operation_is_append_only BEFORE DELETE ON operation BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER operation_is_unchanging BEFORE UPDATE ON operation BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER change_is_append_only BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER change_keeps_its_mac BEFORE UPDATE OF pk, op, tbl, row_id, mac ON change
  BEGIN SELECT RAISE(ABORT, 'append only'); END;

-- One row for everything a link, memo or version may point at; insert only.
CREATE TABLE item(id TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT UNIQUE) STRICT;

CREATE TABLE member(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  name TEXT NOT NULL, initials TEXT NOT NULL, role TEXT NOT NULL, is_lead INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE setting(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER, value TEXT NOT NULL) STRICT;

CREATE TABLE stakeholder_group(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  name TEXT NOT NULL, name_da TEXT NOT NULL DEFAULT '', monogram TEXT NOT NULL, sector TEXT NOT NULL DEFAULT '',
  parent TEXT REFERENCES stakeholder_group(id), position INTEGER NOT NULL) STRICT;
CREATE TABLE participant(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  pseudonym TEXT NOT NULL, stakeholder_group TEXT REFERENCES stakeholder_group(id),
  kind TEXT NOT NULL CHECK(kind IN ('informant','interviewer','facilitator')),
  consent TEXT NOT NULL DEFAULT 'given', quote_ok INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE TABLE session(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  kind TEXT NOT NULL, date TEXT, title TEXT NOT NULL, attendance TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE source(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  kind TEXT NOT NULL, words_of TEXT NOT NULL CHECK(words_of IN ('participant','researcher','record','literature')),
  title TEXT NOT NULL, language TEXT NOT NULL, session TEXT REFERENCES session(id), iteration INTEGER NOT NULL DEFAULT 1,
  text_rev INTEGER NOT NULL DEFAULT 1, position INTEGER NOT NULL, import_json TEXT NOT NULL DEFAULT '{}') STRICT;
-- The text itself stands in its turns: the body is the turns joined by line breaks, without labels.
CREATE TABLE source_text(source TEXT NOT NULL REFERENCES source(id), text_rev INTEGER NOT NULL,
  mac TEXT NOT NULL, length INTEGER NOT NULL, words INTEGER NOT NULL, PRIMARY KEY(source, text_rev)) STRICT;
CREATE TABLE speaker(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  source TEXT NOT NULL REFERENCES source(id), label TEXT NOT NULL, participant TEXT REFERENCES participant(id),
  position INTEGER NOT NULL) STRICT;
CREATE INDEX speaker_source ON speaker(source);
CREATE TABLE turn(id INTEGER PRIMARY KEY, source TEXT NOT NULL REFERENCES source(id), text_rev INTEGER NOT NULL,
  seq INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL,
  speaker TEXT REFERENCES speaker(id), t0_ms INTEGER, t1_ms INTEGER, UNIQUE(source, text_rev, seq)) STRICT;
CREATE INDEX turn_at ON turn(source, text_rev, start, end);

-- Step 1
CREATE TABLE impression(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  source TEXT NOT NULL REFERENCES source(id), member TEXT NOT NULL REFERENCES member(id), text TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX impression_one ON impression(source, member) WHERE retired IS NULL;
CREATE TABLE prelim_theme(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  member TEXT REFERENCES member(id), title TEXT NOT NULL, note TEXT NOT NULL DEFAULT '',
  agreed_into TEXT REFERENCES prelim_theme(id)) STRICT;
CREATE TABLE submission(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  member TEXT NOT NULL REFERENCES member(id), at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX submission_one ON submission(member) WHERE retired IS NULL;
CREATE TABLE reading(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  source TEXT NOT NULL REFERENCES source(id), member TEXT NOT NULL REFERENCES member(id),
  step TEXT NOT NULL CHECK(step IN ('impression','code','synthesis')), at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX reading_one ON reading(source, member, step) WHERE retired IS NULL;

-- Step 2
CREATE TABLE code_group(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  name TEXT NOT NULL, tag TEXT NOT NULL, definition TEXT NOT NULL DEFAULT '', include TEXT NOT NULL DEFAULT '',
  exclude TEXT NOT NULL DEFAULT '', colour INTEGER NOT NULL, position INTEGER NOT NULL) STRICT;
CREATE TABLE theme_origin(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  code_group TEXT NOT NULL REFERENCES code_group(id), prelim_theme TEXT NOT NULL REFERENCES prelim_theme(id)) STRICT;
CREATE UNIQUE INDEX theme_origin_one ON theme_origin(code_group, prelim_theme) WHERE retired IS NULL;
CREATE TABLE subgroup(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  code_group TEXT NOT NULL REFERENCES code_group(id), name TEXT NOT NULL, position INTEGER NOT NULL) STRICT;
CREATE INDEX subgroup_group ON subgroup(code_group);
CREATE TABLE unit(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  source TEXT NOT NULL REFERENCES source(id), text_rev INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  mac TEXT NOT NULL, member TEXT NOT NULL REFERENCES member(id), CHECK(start >= 0 AND end > start)) STRICT;
CREATE INDEX unit_source ON unit(source, start);
CREATE INDEX unit_rev ON unit(source, rev);
CREATE TABLE placement(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  unit TEXT NOT NULL REFERENCES unit(id), code_group TEXT NOT NULL REFERENCES code_group(id),
  subgroup TEXT REFERENCES subgroup(id), set_aside TEXT, member TEXT NOT NULL REFERENCES member(id)) STRICT;
CREATE UNIQUE INDEX placement_one ON placement(unit, code_group) WHERE retired IS NULL;
CREATE INDEX placement_group ON placement(code_group);
CREATE INDEX placement_subgroup ON placement(subgroup);
CREATE INDEX placement_rev ON placement(rev);

-- Step 3
CREATE TABLE condensate(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  subgroup TEXT NOT NULL REFERENCES subgroup(id), voice TEXT, text TEXT NOT NULL,
  golden_unit TEXT REFERENCES unit(id)) STRICT;
CREATE INDEX condensate_subgroup ON condensate(subgroup);
CREATE TABLE cover(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  condensate TEXT NOT NULL REFERENCES condensate(id), unit TEXT NOT NULL REFERENCES unit(id)) STRICT;
CREATE UNIQUE INDEX cover_one ON cover(condensate, unit) WHERE retired IS NULL;
CREATE INDEX cover_unit ON cover(unit);

-- Step 4
CREATE TABLE category(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  code_group TEXT NOT NULL REFERENCES code_group(id), heading TEXT NOT NULL, analytic_text TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'draft' CHECK(status IN ('draft','ready')), position INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX category_one ON category(code_group) WHERE retired IS NULL;
CREATE TABLE recontext(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  category TEXT NOT NULL REFERENCES category(id), source TEXT NOT NULL REFERENCES source(id),
  verdict TEXT NOT NULL CHECK(verdict IN ('supports','nuances','challenges')), note TEXT NOT NULL,
  unit TEXT REFERENCES unit(id), member TEXT NOT NULL REFERENCES member(id), answer TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE cleared_quote(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  unit TEXT NOT NULL REFERENCES unit(id), printed TEXT NOT NULL, translation TEXT NOT NULL DEFAULT '',
  translator TEXT NOT NULL DEFAULT '', cleared_by TEXT NOT NULL REFERENCES member(id), cleared_at TEXT NOT NULL,
  mac TEXT NOT NULL DEFAULT '') STRICT;  -- of the unit's words as they were when it was cleared
CREATE UNIQUE INDEX cleared_quote_one ON cleared_quote(unit) WHERE retired IS NULL;
CREATE TABLE matrix_phrase(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  category TEXT NOT NULL REFERENCES category(id), stakeholder_group TEXT NOT NULL REFERENCES stakeholder_group(id),
  phrase TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX matrix_phrase_one ON matrix_phrase(category, stakeholder_group) WHERE retired IS NULL;
CREATE TABLE evidence(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  title TEXT NOT NULL, citation TEXT NOT NULL, finding TEXT NOT NULL, verified INTEGER NOT NULL DEFAULT 0) STRICT;

-- The model
CREATE TABLE idea(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  session TEXT REFERENCES session(id), stakeholder_group TEXT REFERENCES stakeholder_group(id), text TEXT NOT NULL) STRICT;
CREATE TABLE requirement(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  key TEXT NOT NULL UNIQUE, statement TEXT NOT NULL, rationale TEXT NOT NULL DEFAULT '',
  basis TEXT NOT NULL DEFAULT 'theme', basis_note TEXT NOT NULL DEFAULT '', moscow TEXT NOT NULL DEFAULT '',
  acceptance TEXT NOT NULL DEFAULT '', feasibility TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'draft' CHECK(status IN ('draft','proposed','accepted','parked','rejected')),
  owner TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE component(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL DEFAULT '', position INTEGER NOT NULL) STRICT;
CREATE TABLE link(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  type TEXT NOT NULL, src TEXT NOT NULL REFERENCES item(id), dst TEXT NOT NULL REFERENCES item(id),
  role TEXT NOT NULL DEFAULT 'supports' CHECK(role IN ('supports','contradicts')), note TEXT NOT NULL DEFAULT '') STRICT;
CREATE UNIQUE INDEX link_one ON link(type, src, dst) WHERE retired IS NULL;
CREATE INDEX link_dst ON link(dst);
CREATE TABLE version(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  n INTEGER NOT NULL, label TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', frozen_at TEXT NOT NULL) STRICT;
CREATE TABLE version_row(version TEXT NOT NULL REFERENCES version(id), item TEXT NOT NULL REFERENCES item(id),
  fp TEXT NOT NULL, fields_json TEXT NOT NULL, support_json TEXT NOT NULL, PRIMARY KEY(version, item)) STRICT;

-- The table
CREATE TABLE decision(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  key TEXT NOT NULL UNIQUE, meeting TEXT REFERENCES session(id),
  nature TEXT NOT NULL CHECK(nature IN ('orientation','discussion','decision')), question TEXT NOT NULL,
  recommendation TEXT NOT NULL DEFAULT '', consequences TEXT NOT NULL DEFAULT '', rule TEXT NOT NULL DEFAULT 'consensus',
  outcome TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '', revisit_if TEXT NOT NULL DEFAULT '',
  decided_at TEXT, seen_json TEXT NOT NULL DEFAULT '{}', supersedes TEXT REFERENCES decision(id)) STRICT;
CREATE TABLE vote(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  decision TEXT NOT NULL REFERENCES decision(id), seat TEXT NOT NULL,
  choice TEXT NOT NULL CHECK(choice IN ('agree','agree_with_reservation','against','abstain')),
  reservation TEXT NOT NULL DEFAULT '') STRICT;
CREATE UNIQUE INDEX vote_one ON vote(decision, seat) WHERE retired IS NULL;
CREATE TABLE memo(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  item TEXT NOT NULL REFERENCES item(id), member TEXT NOT NULL REFERENCES member(id), text TEXT NOT NULL) STRICT;
CREATE TABLE release(pk INTEGER PRIMARY KEY, at TEXT NOT NULL, member TEXT NOT NULL, kind TEXT NOT NULL,
  sha256 TEXT NOT NULL, item_ids_json TEXT NOT NULL) STRICT;

-- Every step of the evidence trace as (type, derived, basis, role): walk src -> dst for "because", dst -> src for "what rests on it".
CREATE VIEW trace_edge(type, src, dst, role) AS
  SELECT type, src, dst, role FROM link WHERE retired IS NULL
  UNION ALL SELECT 'synthesises', g.id, c.id, 'supports'
    FROM category g JOIN subgroup s ON s.code_group = g.code_group AND s.retired IS NULL
    JOIN condensate c ON c.subgroup = s.id AND c.retired IS NULL WHERE g.retired IS NULL
  UNION ALL SELECT 'condenses', v.condensate, v.unit, 'supports' FROM cover v
    JOIN condensate c ON c.id = v.condensate AND c.retired IS NULL WHERE v.retired IS NULL
  UNION ALL SELECT 'gathers', g.id, p.unit, 'supports'
    FROM category g JOIN placement p ON p.code_group = g.code_group AND p.retired IS NULL AND p.set_aside IS NULL
    WHERE g.retired IS NULL
  UNION ALL SELECT 'challenged_by', r.category, r.unit, 'contradicts'
    FROM recontext r WHERE r.retired IS NULL AND r.verdict = 'challenges' AND r.unit IS NOT NULL
  UNION ALL SELECT 'includes', r.version, r.item, 'supports' FROM version_row r
    JOIN version v ON v.id = r.version AND v.retired IS NULL;
