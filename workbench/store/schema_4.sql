-- Migration 4: from themes to prototype versions, and to the committee's table. Trust that is computed from what was
-- looked at, requirements with what they mean for others, versions that are tried, meetings with seats and minutes.

-- That somebody looked at a thing as it read (`fp`) with what it rested on (`basis_json`: [[type, id, fp, role], ...],
-- fingerprints and never words) and said whether it holds. Nothing stores a state: it is computed from these.
-- `op` groups what was looked at together; `cause` is the thing whose change was the reason, empty on acceptance.
CREATE TABLE review(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  item TEXT NOT NULL REFERENCES item(id), fp TEXT NOT NULL, support_fp TEXT NOT NULL, basis_json TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK(verdict IN ('holds','does_not_hold')),
  occasion TEXT NOT NULL CHECK(occasion IN ('accepted','frozen','looked_at')),
  cause TEXT REFERENCES item(id), note TEXT NOT NULL DEFAULT '',
  member TEXT NOT NULL REFERENCES member(id), at TEXT NOT NULL) STRICT;
CREATE INDEX review_item ON review(item);

-- What a requirement, or what a decision asks for, means for others: one text for each aspect.
CREATE TABLE consequence(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  item TEXT NOT NULL REFERENCES item(id),
  aspect TEXT NOT NULL CHECK(aspect IN ('economy','law','it','operation','payer','sector','keep')),
  text TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX consequence_one ON consequence(item, aspect) WHERE retired IS NULL;

-- How sure we are of a theme: four judgements by people, in words (informed by GRADE-CERQual; never summed).
CREATE TABLE confidence(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  category TEXT NOT NULL REFERENCES category(id),
  component TEXT NOT NULL CHECK(component IN ('methods','coherence','adequacy','relevance')),
  concern TEXT NOT NULL CHECK(concern IN ('none','minor','moderate','serious')), reason TEXT NOT NULL,
  member TEXT NOT NULL REFERENCES member(id), at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX confidence_one ON confidence(category, component) WHERE retired IS NULL;

-- The prototype
CREATE TABLE assumption(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  key TEXT NOT NULL UNIQUE, text TEXT NOT NULL, about TEXT REFERENCES item(id),
  test TEXT NOT NULL DEFAULT '', result TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'untested' CHECK(state IN ('untested','holds','does_not_hold','unclear'))) STRICT;
CREATE TABLE open_question(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  key TEXT NOT NULL UNIQUE, text TEXT NOT NULL, about TEXT REFERENCES item(id), owner TEXT NOT NULL DEFAULT '',
  due TEXT, answer TEXT NOT NULL DEFAULT '') STRICT;
-- What a group said of a version that it was shown; a whole transcript of the session is a source that `evaluates`.
CREATE TABLE feedback(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  key TEXT NOT NULL UNIQUE, version TEXT NOT NULL REFERENCES version(id), session TEXT REFERENCES session(id),
  stakeholder_group TEXT REFERENCES stakeholder_group(id), component TEXT REFERENCES component(id),
  polarity TEXT NOT NULL CHECK(polarity IN ('positive','negative','mixed')), text TEXT NOT NULL) STRICT;
CREATE INDEX feedback_version ON feedback(version);
-- The table of changes (Person-Based Approach): what could be changed because of it, and what was agreed.
CREATE TABLE change_item(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  key TEXT NOT NULL UNIQUE, version TEXT NOT NULL REFERENCES version(id), component TEXT REFERENCES component(id),
  possible TEXT NOT NULL, reason_codes TEXT NOT NULL DEFAULT '', moscow TEXT NOT NULL DEFAULT '',
  agreed TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'open' CHECK(status IN ('open','agreed','done','not_changed')),
  requirement TEXT REFERENCES requirement(id), decision TEXT REFERENCES decision(id)) STRICT;
CREATE TABLE change_feedback(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  change_item TEXT NOT NULL REFERENCES change_item(id), feedback TEXT NOT NULL REFERENCES feedback(id)) STRICT;
CREATE UNIQUE INDEX change_feedback_one ON change_feedback(change_item, feedback) WHERE retired IS NULL;
-- TIDieR: the description of the model as an intervention, one text for each of the twelve items.
CREATE TABLE tidier(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  n INTEGER NOT NULL CHECK(n BETWEEN 1 AND 12), text TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX tidier_one ON tidier(n) WHERE retired IS NULL;
-- Theory of change on one page. A link says what is assumed; what shows it is a trace link (`shown_by`).
CREATE TABLE theory_node(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  kind TEXT NOT NULL CHECK(kind IN ('input','activity','mechanism','outcome','context')),
  text TEXT NOT NULL, component TEXT REFERENCES component(id), position INTEGER NOT NULL) STRICT;
CREATE TABLE theory_link(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  src TEXT NOT NULL REFERENCES theory_node(id), dst TEXT NOT NULL REFERENCES theory_node(id),
  assumption TEXT NOT NULL DEFAULT '') STRICT;
CREATE UNIQUE INDEX theory_link_one ON theory_link(src, dst) WHERE retired IS NULL;

-- The table
CREATE TABLE seat(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  name TEXT NOT NULL, stakeholder_group TEXT REFERENCES stakeholder_group(id),
  is_chair INTEGER NOT NULL DEFAULT 0, has_veto INTEGER NOT NULL DEFAULT 0, may_vote INTEGER NOT NULL DEFAULT 1,
  position INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX seat_one ON seat(name) WHERE retired IS NULL;
-- Who came: by seat, never by name.
CREATE TABLE attendance(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  session TEXT NOT NULL REFERENCES session(id), seat TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('present','apology','absent')), deputy TEXT NOT NULL DEFAULT '') STRICT;
CREATE UNIQUE INDEX attendance_one ON attendance(session, seat) WHERE retired IS NULL;
ALTER TABLE decision ADD COLUMN place INTEGER NOT NULL DEFAULT 0;  -- on the agenda
ALTER TABLE decision ADD COLUMN options TEXT NOT NULL DEFAULT '';
ALTER TABLE decision ADD COLUMN due TEXT;  -- positions are taken until then, without a meeting
ALTER TABLE decision ADD COLUMN discussed TEXT NOT NULL DEFAULT '';  -- what was said to it, for the minutes
ALTER TABLE decision ADD COLUMN result TEXT NOT NULL DEFAULT '';  -- adopted | with_reservations | rejected | vetoed | postponed | noted
ALTER TABLE vote ADD COLUMN veto INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vote ADD COLUMN at TEXT NOT NULL DEFAULT '';
CREATE TABLE action(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  session TEXT REFERENCES session(id), decision TEXT REFERENCES decision(id), text TEXT NOT NULL,
  owner TEXT NOT NULL DEFAULT '', due TEXT, done_at TEXT, outcome TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE minutes(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  session TEXT NOT NULL REFERENCES session(id), remarks TEXT NOT NULL DEFAULT '', approved_at TEXT,
  approved_by TEXT NOT NULL DEFAULT '') STRICT;
CREATE UNIQUE INDEX minutes_one ON minutes(session) WHERE retired IS NULL;

-- What a committee was shown: when a pack was sent, how each thing read and stood. No words but labels and states.
CREATE TABLE shown(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  session TEXT REFERENCES session(id), at TEXT NOT NULL, member TEXT NOT NULL REFERENCES member(id)) STRICT;
CREATE TABLE shown_row(shown TEXT NOT NULL REFERENCES shown(id), item TEXT NOT NULL REFERENCES item(id),
  kind TEXT NOT NULL, label TEXT NOT NULL, fp TEXT NOT NULL, support_fp TEXT NOT NULL, status TEXT NOT NULL,
  trust TEXT NOT NULL, PRIMARY KEY(shown, item)) STRICT;

-- "You said - we did, or did not, because": what a person has worded otherwise, or left out, in a group's letter.
CREATE TABLE letter(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  version TEXT NOT NULL REFERENCES version(id), stakeholder_group TEXT NOT NULL REFERENCES stakeholder_group(id),
  greeting TEXT NOT NULL DEFAULT '', closing TEXT NOT NULL DEFAULT '') STRICT;
CREATE UNIQUE INDEX letter_one ON letter(version, stakeholder_group) WHERE retired IS NULL;
CREATE TABLE letter_line(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  version TEXT NOT NULL REFERENCES version(id), stakeholder_group TEXT NOT NULL REFERENCES stakeholder_group(id),
  item TEXT NOT NULL REFERENCES item(id), said TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL DEFAULT '',
  left_out INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX letter_line_one ON letter_line(version, stakeholder_group, item) WHERE retired IS NULL;

-- Words taken out of the project for good, with what is left of the act: ids and counts, never content.
CREATE TABLE erasure(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  participant TEXT REFERENCES participant(id), member TEXT NOT NULL REFERENCES member(id), at TEXT NOT NULL,
  turns INTEGER NOT NULL, units INTEGER NOT NULL, ids_json TEXT NOT NULL) STRICT;
