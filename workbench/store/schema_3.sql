-- Migration 3: systematic text condensation by more than one analyst. What stands before the analysis, marking
-- unseen and what came of comparing, states of the analysis to compare with, what a check found and was set aside.

-- Before: what each analyst brings and how it changes, dated.
CREATE TABLE log_entry(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  member TEXT NOT NULL REFERENCES member(id),
  kind TEXT NOT NULL CHECK(kind IN ('preconception','reflection')), at TEXT NOT NULL, text TEXT NOT NULL) STRICT;
-- Information power (Malterud, Siersma, Guassora 2016): five dimensions, 1 (needs many) to 5 (needs few), each with
-- its reason, judged again over time. 0: not judged.
CREATE TABLE information_power(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  member TEXT NOT NULL REFERENCES member(id), at TEXT NOT NULL, occasion TEXT NOT NULL DEFAULT '',
  aim INTEGER NOT NULL DEFAULT 0 CHECK(aim BETWEEN 0 AND 5), aim_why TEXT NOT NULL DEFAULT '',
  specificity INTEGER NOT NULL DEFAULT 0 CHECK(specificity BETWEEN 0 AND 5), specificity_why TEXT NOT NULL DEFAULT '',
  theory INTEGER NOT NULL DEFAULT 0 CHECK(theory BETWEEN 0 AND 5), theory_why TEXT NOT NULL DEFAULT '',
  dialogue INTEGER NOT NULL DEFAULT 0 CHECK(dialogue BETWEEN 0 AND 5), dialogue_why TEXT NOT NULL DEFAULT '',
  strategy INTEGER NOT NULL DEFAULT 0 CHECK(strategy BETWEEN 0 AND 5), strategy_why TEXT NOT NULL DEFAULT '',
  conclusion TEXT NOT NULL DEFAULT '') STRICT;

-- A source that several analysts mark unseen: one row for each of them. Until all have done_at, none of them sees
-- what the others marked in it (see unseen.py).
CREATE TABLE double_coding(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  source TEXT NOT NULL REFERENCES source(id), member TEXT NOT NULL REFERENCES member(id), done_at TEXT) STRICT;
CREATE UNIQUE INDEX double_coding_one ON double_coding(source, member) WHERE retired IS NULL;
-- What was agreed about a difference between two analysts, or about what both marked alike. `first` and `second` are
-- the units compared (second empty: only one of them had marked it); `outcome` says what stands since.
CREATE TABLE settlement(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  source TEXT NOT NULL REFERENCES source(id), first TEXT NOT NULL REFERENCES unit(id),
  second TEXT REFERENCES unit(id), outcome TEXT NOT NULL CHECK(outcome IN ('joined','kept','taken_out','apart')),
  note TEXT NOT NULL DEFAULT '', member TEXT NOT NULL REFERENCES member(id), at TEXT NOT NULL) STRICT;
CREATE INDEX settlement_source ON settlement(source);

-- Comments on condensates and categories are threads; the reader's on units stay as they are.
ALTER TABLE memo ADD COLUMN at TEXT NOT NULL DEFAULT '';
ALTER TABLE memo ADD COLUMN answers TEXT REFERENCES memo(id);
ALTER TABLE memo ADD COLUMN settled TEXT NOT NULL DEFAULT '';  -- the day it was

-- Looking for what speaks against a category: that it was done, where, and what it brought.
CREATE TABLE counter_search(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  category TEXT NOT NULL REFERENCES category(id), member TEXT NOT NULL REFERENCES member(id), at TEXT NOT NULL,
  looked_through TEXT NOT NULL, found INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '') STRICT;

-- A state of the analysis to compare with (a poster, an article): the operation after which it was as it was. What
-- stood then is read from the images of what has changed since, so that it holds no second copy of anybody's words.
CREATE TABLE analysis_state(id TEXT PRIMARY KEY REFERENCES item(id), rev INTEGER NOT NULL, retired INTEGER,
  label TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', frozen_at TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES operation(seq)) STRICT;

-- What a check found and a person has set aside, or decided to leave so. `item` is the id the check is about; empty
-- where it is about the whole project.
CREATE TABLE waiver(id TEXT PRIMARY KEY, rev INTEGER NOT NULL, retired INTEGER,
  rule TEXT NOT NULL, item TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
  member TEXT NOT NULL REFERENCES member(id), at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX waiver_one ON waiver(rule, item) WHERE retired IS NULL;
